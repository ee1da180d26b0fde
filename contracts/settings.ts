/** What admins decide for the whole platform. */

import { z } from "zod";
import { isPlainLine, PLAIN_LINE_FAULT } from "./envelope.ts";
import { TimeZone } from "./users.ts";

/** Half of a pool: more is no competition but a shop. */
const CUT_BASIS_POINTS_MAX = 5_000;

const PlatformName = z.string().trim().min(1).max(60).refine(isPlainLine, PLAIN_LINE_FAULT).meta({
  description: "Name of the platform, on every page",
  example: "Paceboard",
});
const RegistrationOpen = z.boolean().meta({
  description: "Whether people may make accounts by themselves",
  example: true,
});
const DefaultTimeZone = TimeZone.describe("Zone of visitors and new competitions, an IANA name");
const PlatformCut = z.int().min(0).max(CUT_BASIS_POINTS_MAX).meta({
  description: "What the platform keeps of entry fees, in hundredths of a percent",
  example: 250,
});

export const Settings = z.object({
  platformName: PlatformName.default("Paceboard"),
  registrationOpen: RegistrationOpen.default(true),
  defaultTimeZone: DefaultTimeZone.default("UTC"),
  platformCutBasisPoints: PlatformCut.default(0),
}).meta({ id: "Settings", description: "What admins decide for the whole platform" });
export type Settings = z.infer<typeof Settings>;

/** The settings of a platform that nobody has set up. */
export const SETTINGS_DEFAULT: Settings = Settings.parse({});

export const SettingsChange = z.object({
  platformName: PlatformName.optional(),
  registrationOpen: RegistrationOpen.optional(),
  defaultTimeZone: DefaultTimeZone.optional(),
  platformCutBasisPoints: PlatformCut.optional(),
}).meta({ id: "SettingsChange", description: "A change of the settings; absent fields stay" });
export type SettingsChange = z.infer<typeof SettingsChange>;
