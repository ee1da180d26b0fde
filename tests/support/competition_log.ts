/** Competition logs for tests: written entry by entry, or random with every kind of entry. */

import fc from "fast-check";
import type { LogEntry, NewLogEntry, ScoreEntry } from "@/domain/log.ts";
import {
  type ActivityScoring,
  type DirectScoring,
  RANK_METHODS,
  type Rules,
  SCORE_OPERATORS,
  type Scoring,
  TIE_BREAKS,
} from "@/domain/rules.ts";

/** Five people are enough for every kind of tie. */
export const PARTICIPANT_IDS = ["a", "b", "c", "d", "e"] as const;

const participantIds = fc.constantFrom(...PARTICIPANT_IDS);
const directions = fc.constantFrom("higher" as const, "lower" as const);

const directScorings: fc.Arbitrary<DirectScoring> = directions.map((direction) => ({
  kind: "direct",
  operator: "set",
  direction,
  decimals: 0,
  selfReport: false,
}));

const activityScorings: fc.Arbitrary<ActivityScoring> = fc.record({
  kind: fc.constant("activity" as const),
  metric: fc.constantFrom("steps" as const, "distance" as const),
  aggregate: fc.constant("total" as const),
  direction: directions,
  manualPolicy: fc.constant("exclude" as const),
});

const scorings: fc.Arbitrary<Scoring> = fc.oneof(directScorings, activityScorings);

/** Rules of version 1 with any scoring, method and chain. */
export const anyRules: fc.Arbitrary<Rules> = fc.record({
  version: fc.constant(1),
  scoring: scorings,
  rankMethod: fc.constantFrom(...RANK_METHODS),
  tieBreaks: fc.uniqueArray(fc.constantFrom(...TIE_BREAKS), { maxLength: 3 }),
});

/** An entry in the making: events are named by their place, versions by how far back they lie. */
type Draft =
  | {
    make: "score";
    event: Omit<ScoreEntry, "seq" | "arrivedAt" | "eventId" | "rulesVersion">;
    versionsBack: number;
  }
  | { make: "void_event" | "reinstate_event"; eventIndex: number }
  | { make: "rules"; rules: Rules }
  | { make: "entry"; entry: NewLogEntry };

type EventDraft = Extract<Draft, { make: "score" }>["event"];

/** Small values and times, so that ties, zero events and late events are common. */
const sentEvents: fc.Arbitrary<EventDraft> = fc.record({
  kind: fc.constant("score" as const),
  participantId: participantIds,
  operator: fc.constantFrom(...SCORE_OPERATORS),
  value: fc.integer({ min: -3, max: 8 }),
  occurredAt: fc.integer({ min: 0, max: 12 }),
  source: fc.constantFrom("direct" as const, "staff" as const),
});

const computedEvents: fc.Arbitrary<EventDraft> = fc.record({
  kind: fc.constant("score" as const),
  participantId: participantIds,
  operator: fc.constant("set" as const),
  value: fc.option(fc.nat(8), { freq: 5 }),
  occurredAt: fc.integer({ min: 0, max: 12 }),
  source: fc.constant("activity" as const),
});

const scoreDrafts: fc.Arbitrary<Draft> = fc.record({
  make: fc.constant("score" as const),
  versionsBack: fc.constantFrom(0, 0, 0, 1),
  event: fc.oneof(sentEvents, sentEvents, computedEvents),
});

const voidDrafts: fc.Arbitrary<Draft> = fc.record({
  make: fc.constantFrom("void_event" as const, "reinstate_event" as const),
  eventIndex: fc.nat(30),
});

const participantDrafts: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom(
    ...(["join", "join", "leave", "disqualify", "reinstate", "profile"] as const),
  ),
  participantId: participantIds,
  division: fc.option(fc.constantFrom("juniors", "seniors")),
}).map((entry) => ({ make: "entry", entry }));

const otherDrafts: fc.Arbitrary<Draft> = fc.constantFrom<NewLogEntry[]>(
  { kind: "freeze" },
  { kind: "unfreeze" },
  { kind: "status", status: "published" },
  { kind: "status", status: "final" },
).map((entry) => ({ make: "entry", entry }));

const drafts: fc.Arbitrary<Draft> = fc.oneof(
  { arbitrary: scoreDrafts, weight: 12 },
  { arbitrary: voidDrafts, weight: 3 },
  { arbitrary: participantDrafts, weight: 4 },
  { arbitrary: anyRules.map((rules): Draft => ({ make: "rules", rules })), weight: 1 },
  { arbitrary: otherDrafts, weight: 1 },
);

/** A log with every kind of entry, numbered from 1; most participants join first. */
export const anyLog: fc.Arbitrary<LogEntry[]> = fc.tuple(
  fc.uniqueArray(participantIds, { minLength: 3 }),
  fc.array(drafts, { maxLength: 40 }),
).map(([joined, rest]) => {
  const joins = joined.map((participantId): Draft => ({
    make: "entry",
    entry: { kind: "join", participantId },
  }));
  return numberEntries([...joins, ...rest]);
});

function numberEntries(drafts: readonly Draft[]): LogEntry[] {
  const log: LogEntry[] = [];
  let version = 1;
  for (const draft of drafts) {
    if (draft.make === "rules") version += 1;
    const entry = entryOf(draft, log, version);
    // Two entries share each arrival time, as in one transaction.
    if (entry) log.push({ ...entry, seq: log.length + 1, arrivedAt: 100 + (log.length >> 1) });
  }
  return log;
}

function entryOf(draft: Draft, log: readonly LogEntry[], version: number): NewLogEntry | undefined {
  switch (draft.make) {
    case "score": {
      const rulesVersion = Math.max(1, version - draft.versionsBack);
      return { ...draft.event, eventId: `event-${log.length + 1}`, rulesVersion };
    }
    case "rules":
      return { kind: "rules", rules: { ...draft.rules, version } };
    case "entry":
      return draft.entry;
    default: {
      const events = log.filter((entry) => entry.kind === "score");
      const event = events[draft.eventIndex % Math.max(events.length, 1)];
      if (!event) return undefined;
      return { kind: draft.make, eventId: event.eventId, participantId: event.participantId };
    }
  }
}

/** Direct scores, higher wins. */
export const DIRECT: DirectScoring = {
  kind: "direct",
  operator: "set",
  direction: "higher",
  decimals: 0,
  selfReport: false,
};

/** Computed scores: all steps. */
export const STEPS: ActivityScoring = {
  kind: "activity",
  metric: "steps",
  aggregate: "total",
  direction: "higher",
  manualPolicy: "exclude",
};

/** Rules with nothing special but their scoring. */
export function rulesOf(scoring: Scoring, version = 1): Rules {
  return { version, scoring, rankMethod: "standard", tieBreaks: [] };
}

/** Numbers entries from 1, one millisecond apart. */
export function logOf(...entries: NewLogEntry[]): LogEntry[] {
  return entries.map((entry, index) => ({ ...entry, seq: index + 1, arrivedAt: 100 + index }));
}

/** A participant joins. */
export function join(participantId: string): NewLogEntry {
  return { kind: "join", participantId };
}

/** One event of Mira's: 10 points at 50 ms, unless told otherwise. */
export function score(eventId: string, change: Partial<ScoreEntry> = {}): NewLogEntry {
  return {
    kind: "score",
    eventId,
    participantId: "mira",
    operator: "set",
    value: 10,
    occurredAt: 50,
    source: "direct",
    rulesVersion: 1,
    ...change,
  };
}
