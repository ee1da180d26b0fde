/** An invite as its holder sees it, before signing in. */

import { z } from "zod";
import { Competition } from "./competitions.ts";
import { Invite } from "./invites.ts";

export const OpenedInvite = Invite.pick({
  code: true,
  state: true,
  division: true,
  expiresAt: true,
}).extend({
  isPersonal: z.boolean().meta({
    description: "Whether it is for one person only, by e-mail",
    example: false,
  }),
  competition: Competition.describe("What it leads to"),
}).meta({ id: "OpenedInvite", description: "An invite as its holder sees it" });
export type OpenedInvite = z.infer<typeof OpenedInvite>;
