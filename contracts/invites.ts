/** Links that admit people to a competition. */

import { z } from "zod";
import { Id, Instant, isPlainLine, PageQuery, PLAIN_LINE_FAULT } from "./envelope.ts";

const LABEL = { description: "For whom it is, for its makers", example: "Poster in the hall" };
const USES_MAX = { description: "How many may join by it; null: any number", example: 50 };
const EXPIRES = {
  description: "Until when it admits; null: as long as registration is open",
  example: "2026-05-31T21:00:00.000Z",
};
const DIVISION = {
  description: "Where those who use it are entered; null: they choose",
  example: null,
};
const EMAIL = {
  description: "The only person who may use it; null: whoever has it",
  example: null,
};

export const InviteInput = z.object({
  label: z.string().trim().min(1).max(120).refine(isPlainLine, PLAIN_LINE_FAULT).nullable()
    .optional().meta(LABEL),
  usesMax: z.int().min(1).max(10_000_000).nullable().optional().meta(USES_MAX),
  expiresAt: Instant.nullable().optional().meta(EXPIRES),
  division: z.string().trim().min(1).max(80).nullable().optional().meta(DIVISION),
  email: z.email().max(254).nullable().optional().meta(EMAIL),
}).meta({
  id: "InviteInput",
  description: "A new invite; somebody named by e-mail who has an account is told",
  example: { label: LABEL.example, usesMax: 50 },
});
export type InviteInput = z.infer<typeof InviteInput>;

export const INVITE_STATES = ["open", "used_up", "expired", "revoked"] as const;

export const Invite = z.object({
  id: Id.describe("The invite's id"),
  competitionId: Id.describe("The competition"),
  code: z.string().meta({
    description: "What `join` takes as `inviteCode`; its second half is a signature",
    example: "k3x9q2mf-7w2et0c9a1m4bz6d",
  }),
  path: z.string().meta({
    description: "The page that leads to the competition, on this host",
    example: "/i/k3x9q2mf-7w2et0c9a1m4bz6d",
  }),
  state: z.enum(INVITE_STATES).meta({ description: "Whether it admits", example: "open" }),
  label: z.string().nullable().meta(LABEL),
  usesMax: z.int().nullable().meta(USES_MAX),
  uses: z.int().meta({ description: "How many joined by it", example: 12 }),
  expiresAt: Instant.nullable().meta(EXPIRES),
  division: z.string().nullable().meta(DIVISION),
  email: z.string().nullable().meta(EMAIL),
  createdAt: Instant.describe("When it was made"),
  revokedAt: Instant.nullable().meta({
    description: "When it was revoked; null: not",
    example: null,
  }),
}).meta({ id: "Invite", description: "A link that admits people to a competition" });
export type Invite = z.infer<typeof Invite>;

export const InviteQuery = PageQuery;
export type InviteQuery = z.infer<typeof InviteQuery>;
