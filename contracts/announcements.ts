/** Words of organisers to everybody who follows a competition. */

import { z } from "zod";
import { Id, Instant, PageQuery } from "./envelope.ts";

/** Fits a phone's screen; more belongs into the description. */
export const ANNOUNCEMENT_CHARS_MAX = 2000;

const TEXT = {
  description: "Markdown; HTML is not let through",
  example: "The finish line moved to the **park**.",
};

export const AnnouncementInput = z.object({
  text: z.string().trim().min(1).max(ANNOUNCEMENT_CHARS_MAX).meta(TEXT),
}).meta({ id: "AnnouncementInput", description: "What everybody is to be told" });
export type AnnouncementInput = z.infer<typeof AnnouncementInput>;

export const Announcement = z.object({
  id: Id.describe("The announcement"),
  kind: z.enum(["news", "rules"]).meta({
    description: "Words of the organiser, or the notice of a new version of the rules",
    example: "news",
  }),
  text: z.string().meta(TEXT),
  at: Instant.describe("When it was made"),
}).meta({ id: "Announcement", description: "What everybody was told" });
export type Announcement = z.infer<typeof Announcement>;

export const AnnouncementQuery = PageQuery;
export type AnnouncementQuery = z.infer<typeof AnnouncementQuery>;
