/** What nodes tell each other of a board after a commit. */

import { z } from "zod";
import { COMPETITION_STATUSES, VISIBILITIES } from "@/domain/competition.ts";
import { COMMITTED_KEYS, type CommittedHead, type ScoresCommitted } from "./board_state.ts";
import type { Topic } from "./broker.ts";

const instant = z.int().nullable();

const Head = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  ownerId: z.string(),
  status: z.enum(COMPETITION_STATUSES),
  visibility: z.enum(VISIBILITIES),
  epoch: z.string(),
  lastSeq: z.int(),
  registrationOpensAt: instant,
  registrationClosesAt: z.int(),
  startsAt: z.int(),
  endsAt: z.int(),
  graceMs: z.int(),
  freezeAt: instant,
  frozenAt: instant,
  frozenSeq: z.int().nullable(),
  rules: z.object({ version: z.int() }),
}) satisfies z.ZodType<CommittedHead>;

/** `[participantId, score, reachedAt, eventCount, bestEvent]`: keys would be half of the text. */
const Score = z.tuple([
  z.string(),
  z.int().nullable(),
  z.int().nullable(),
  z.int(),
  z.int().nullable(),
]);

const Change = z.object({
  /** The last number before the transaction. */
  from: z.int(),
  /** The competition after it. */
  head: Head,
  /** Left out where they are many: reading them costs less than carrying them. */
  scores: z.array(Score).optional(),
});

const News = z.object({
  /** What a transaction of scores alone wrote; without it anything may have changed. */
  change: Change.optional(),
});

/** A commit that changed a board. */
export type BoardNews = z.infer<typeof News>;

/** Scores that a commit wrote, as they travel. */
export type BoardChange = z.infer<typeof Change>;

/** Commits to a competition's log, under the competition's id. */
export const BOARD_NEWS: Topic<BoardNews> = { name: "board", schema: News };

/** Some 20 KB; a node reads that many rows in about the time it takes to read this. */
const SCORES_MAX = 200;

/** What to tell the others of a commit. */
export function newsOf(committed: ScoresCommitted | undefined): BoardNews {
  if (!committed) return {};
  const { locked, from, scores } = committed;
  const entries = COMMITTED_KEYS.map((key) => [key, locked[key]]);
  const head: CommittedHead = Object.fromEntries([
    ...entries,
    ["rules", { version: locked.rules.version }],
  ]);
  if (scores.length > SCORES_MAX) return { change: { from, head } };
  return {
    change: {
      from,
      head,
      scores: scores.map(({ participantId, after }) => [
        participantId,
        after.score,
        after.reachedAt,
        after.eventCount,
        after.bestEvent,
      ]),
    },
  };
}

/** The commit as the boards of this node take it; undefined where its scores were left out. */
export function committedOf({ from, head, scores }: BoardChange): ScoresCommitted | undefined {
  return scores && {
    from,
    locked: head,
    scores: scores.map(([participantId, score, reachedAt, eventCount, bestEvent]) => ({
      participantId,
      after: { score, reachedAt, eventCount, bestEvent },
    })),
  };
}
