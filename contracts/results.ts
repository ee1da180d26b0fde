/** Results that somebody approved: what finalising wants, and how anybody checks one. */

import { z } from "zod";
import { Id, Instant } from "./envelope.ts";
import { Competition, Log } from "./competitions.ts";

const HASH = "6f1d0c2f9a3be0d7c7f7a2a5a4d1b8f0c6f3d9e2b1a4875c3e6d0f9b8a7c6d5e";

export const FreezeRequest = z.object({
  reason: z.string().trim().min(1).max(500).optional().meta({
    description: "Why, for the audit log",
    example: "The last hour stays secret until the ceremony",
  }),
}).meta({ id: "FreezeRequest", description: "Why the public board stops or moves again" });
export type FreezeRequest = z.infer<typeof FreezeRequest>;

export const FinalizeRequest = z.object({
  reason: z.string().trim().min(1).max(500).optional().meta({
    description: "A note of the one who approves",
    example: "Checked with the timekeepers",
  }),
}).meta({ id: "FinalizeRequest", description: "The approval of a result" });
export type FinalizeRequest = z.infer<typeof FinalizeRequest>;

/** What stands between a competition and its final result. */
export const FinaliseBlocker = z.object({
  code: z.string().meta({ description: "Which rule is not met", example: "grace_not_over" }),
  message: z.string().meta({
    description: "The same for people",
    example: "Late data still counts until 2026-06-01T21:00:00.000Z",
  }),
  count: z.int().optional().meta({ description: "How many stand in the way", example: 3 }),
}).meta({ id: "FinaliseBlocker", description: "One thing that keeps a result from being final" });
export type FinaliseBlocker = z.infer<typeof FinaliseBlocker>;

export const FinaliseState = z.object({
  competitionId: Id.describe("The competition"),
  ready: z.boolean().meta({ description: "Nothing stands in the way", example: false }),
  blockers: z.array(FinaliseBlocker).describe("What does, all at once"),
}).meta({ id: "FinaliseState", description: "Whether a result can become final" });
export type FinaliseState = z.infer<typeof FinaliseState>;

/** A signed checkpoint: the signature covers all fields but `signature`, `publicKey` and people. */
export const ResultRevision = z.object({
  competitionId: Id.describe("The competition"),
  epoch: Id.describe("The epoch of its log"),
  revision: z.int().meta({ description: "1 when it became final, then 2, 3, …", example: 1 }),
  cause: z.enum(["finalise", "disqualify", "reinstate"]).meta({
    description: "What made this revision",
    example: "finalise",
  }),
  seq: z.int().meta({
    description: "The last number of the log that it follows from",
    example: 42,
  }),
  hash: z.string().meta({ description: "The hash of that entry, in hex", example: HASH }),
  standingsHash: z.string().meta({
    description: "SHA-256 of the canonical standings at that number, in hex",
    example: HASH,
  }),
  teamsHash: z.string().nullable().default(null).meta({
    description: "The same of the canonical team standings; null under rules without teams",
    example: null,
  }),
  approvedAt: Instant.describe("When it was approved"),
  approvedBy: z.string().nullable().meta({
    description: "The name of the one who approved it; null for an app or the schedule",
    example: "Olga Organiser",
  }),
  approverKind: z.enum(["user", "api_key", "system"]).default("user").meta({
    description: "A person, an app by its key, or the schedule of an automatic approval",
    example: "user",
  }),
  reason: z.string().nullable().meta({
    description: "Why there is a revision; the note of whoever approved",
    example: null,
  }),
  publicKey: z.string().meta({
    description: "The Ed25519 key that signed, 32 bytes in base64url",
    example: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  }),
  signature: z.string().meta({
    description:
      "Ed25519 over the line `paceboard-result-v1`, a line feed and the canonical JSON of competitionId, epoch, revision, cause, seq, hash, standingsHash and approvedAt, and of teamsHash where there is one; base64url",
    example:
      "5VZDAMNgrHKQhlLMgG6CiSSjjZ1ot_G2-C6hW2mAI2a8ZRY0Mt2m8Qyq0n3L4wFH3hDkXW5lC6qvKlaH8ySNDg",
  }),
}).meta({ id: "ResultRevision", description: "One approved and signed revision of a result" });
export type ResultRevision = z.infer<typeof ResultRevision>;

export const Result = z.object({
  competitionId: Id.describe("The competition"),
  revisions: z.array(ResultRevision).describe("Newest first; the first is the one that holds"),
}).meta({ id: "Result", description: "The final result of a competition, with its revisions" });
export type Result = z.infer<typeof Result>;

export const Finalized = z.object({
  competition: Competition.describe("The competition, final now"),
  result: ResultRevision.describe("The first revision of its result"),
}).meta({ id: "Finalized", description: "A competition whose result became final" });
export type Finalized = z.infer<typeof Finalized>;

export const ResultKeys = z.object({
  keys: z.array(z.object({
    publicKey: z.string().meta({
      description: "32 bytes in base64url",
      example: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }),
    algorithm: z.literal("Ed25519").describe("How it signs"),
    current: z.boolean().meta({ description: "Signs results from now on", example: true }),
    usedSince: Instant.nullable().describe("The first result it signed; null: none yet"),
  })).describe("The keys that results of this installation are signed with"),
}).meta({ id: "ResultKeys", description: "Public keys to check results with" });
export type ResultKeys = z.infer<typeof ResultKeys>;

/** A whole log with the results that follow from it: what `result:verify` takes as a file. */
export const ResultBundle = z.object({
  result: Result.describe("What was approved"),
  log: Log.describe("The log, whole"),
}).meta({ id: "ResultBundle", description: "All that checking a result takes" });
export type ResultBundle = z.infer<typeof ResultBundle>;
