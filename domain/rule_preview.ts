/**
 * What a rule makes of sample athletes: their scores, what counts and why the rest does not, and who
 * wins. The functions are those that score everybody else.
 *
 * @module
 */

import type { ActivityFact } from "./scoring_part.ts";
import { graceEndsAt } from "./competition.ts";
import { findImplausible, holdOf } from "./plausibility.ts";
import { rankContenders } from "./ranking.ts";
import type { ActivityScoring, Rules } from "./rules.ts";
import type { SampleAthlete, SampleWeek } from "./sample_athletes.ts";
import { type ActivityScore, scoreActivity } from "./scoring.ts";
import { foldEvents } from "./score_fold.ts";
import type { FoldedScore, Standing } from "./standing.ts";
import { DAY_MS } from "./time.ts";

/** One athlete under the rule. */
export interface PreviewedAthlete {
  athlete: SampleAthlete;
  rank: number | null;
  /** Stored integer: of the last decimal for direct rules. */
  score: number | null;
  /** What counted of the records; empty for direct rules. */
  computed: Pick<ActivityScore, "counted" | "excluded">;
}

/** Scores the athletes of a week and ranks them. A rule whose sums are not exact any more throws `RangeError`.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { previewRules } from "@/domain/rule_preview.ts";
 * import { sampleAthletes, sampleWeek } from "@/domain/sample_athletes.ts";
 *
 * const week = sampleWeek("UTC");
 * const rules = {
 *   scoring: {
 *     kind: "activity" as const,
 *     metric: "distance" as const,
 *     aggregate: "total" as const,
 *     direction: "higher" as const,
 *     activityTypes: ["running" as const],
 *     manualPolicy: "exclude" as const,
 *   },
 *   rankMethod: "standard" as const,
 *   tieBreaks: [],
 * };
 * const [first] = previewRules(rules, week, sampleAthletes(week));
 * assertEquals([first?.athlete.name, first?.score], ["Runner", 39_300]);
 * ```
 */
export function previewRules(
  rules: Omit<Rules, "version">,
  week: SampleWeek,
  athletes: readonly SampleAthlete[],
): PreviewedAthlete[] {
  const previews = new Map(athletes.map((athlete) => {
    return [athlete.id, { athlete, ...scoreOf(rules.scoring, week, athlete) }];
  }));
  const contenders = [...previews.values()].map(({ athlete, folded }) => ({
    ...folded,
    participantId: athlete.id,
    division: null,
    status: "active" as const,
    joinedAt: athlete.joinedAt,
  }));
  const standings: Standing[] = rankContenders(contenders, rules, { provisional: true });
  return standings.map(({ participantId, rank, score }) => {
    const { athlete, computed } = previews.get(participantId)!;
    return { athlete, rank, score, computed };
  });
}

interface Scored {
  folded: FoldedScore;
  computed: PreviewedAthlete["computed"];
}

function scoreOf(scoring: Rules["scoring"], week: SampleWeek, athlete: SampleAthlete): Scored {
  if (scoring.kind === "direct") return sentScore(scoring, week, athlete);
  const { score, reachedAt, counted, excluded } = scoreActivity({
    scoring,
    competition: week,
    athlete,
    now: graceEndsAt(week),
    activities: athlete.activities.map((activity) => withHold(activity, scoring)),
    samples: athlete.samples,
  });
  const eventCount = score === null ? 0 : 1;
  return {
    folded: { score, reachedAt, eventCount, bestEvent: score },
    computed: { counted, excluded },
  };
}

/** As everybody's: what the figures alone say, since no referee has. */
function withHold(activity: ActivityFact, { plausibility }: ActivityScoring): ActivityFact {
  const hold = holdOf(findImplausible(activity, plausibility), undefined);
  return hold ? { ...activity, hold } : activity;
}

/** What an app sends, one a day, by the rule's own operator. */
function sentScore(
  scoring: Extract<Rules["scoring"], { kind: "direct" }>,
  { startsAt }: SampleWeek,
  { id, sent }: SampleAthlete,
): Scored {
  const events = sent.map((value, day) => ({
    seq: day + 1,
    eventId: `${id}-${day}`,
    operator: scoring.operator,
    value: value * 10 ** scoring.decimals,
    occurredAt: startsAt + day * DAY_MS,
    source: "direct" as const,
  }));
  return {
    folded: foldEvents(events, new Set(), scoring),
    computed: { counted: [], excluded: [] },
  };
}
