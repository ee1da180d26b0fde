/**
 * Trying rules: on sample athletes, and on what the participants of a competition did so far. It is
 * the scoring of everybody; only nothing is written.
 *
 * @module
 */

import type {
  CompetitionPreviewRequest,
  PreviewRecord,
  PreviewRow,
  RulePreview,
  RulePreviewRequest,
} from "@/contracts/rule_preview.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { rankContenders } from "@/domain/ranking.ts";
import { type PreviewedAthlete, previewRules } from "@/domain/rule_preview.ts";
import { decimalsOf, type Rules } from "@/domain/rules.ts";
import { sampleAthletes, type SampleWeek, sampleWeek } from "@/domain/sample_athletes.ts";
import { formatScore } from "@/domain/score.ts";
import type { ActivityScore } from "@/domain/scoring.ts";
import { checkRoleOrScope, isStaff } from "../accounts/access.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import { type ScoreSummary, summaryOf } from "../activity/history_answers.ts";
import type { BoardsService } from "../boards/boards.ts";
import { getVisible } from "./competition_access.ts";
import type { CompetitionRow } from "./competition_view.ts";

export interface RulePreviewService {
  /** Tries a rule on sample athletes; for whoever may create competitions. */
  onSamples(actor: Actor, request: RulePreviewRequest): RulePreview;
  /** Tries it for a competition, on samples or its participants; for its staff. Fails with `FORBIDDEN`, `NOT_FOUND`. */
  forCompetition(
    actor: Actor,
    idOrSlug: string,
    request: CompetitionPreviewRequest,
  ): Promise<RulePreview>;
}

export interface RulePreviewDeps {
  database: Database;
  boards: Pick<BoardsService, "view">;
  activityScores: Pick<ActivityScores, "ask">;
}

/** A few milliseconds each; enough to see whether the order changes where it matters. */
const PARTICIPANTS_MAX = 50;

/** The rule without its number, which it has only once it holds. */
type TriedRules = Omit<Rules, "version">;

export function createRulePreviewService(deps: RulePreviewDeps): RulePreviewService {
  return {
    onSamples(actor, { timeZone, ...rules }) {
      checkRoleOrScope(actor, "competitions:write", "organiser");
      return trySamples(rules as TriedRules, sampleWeek(timeZone));
    },
    async forCompetition(actor, idOrSlug, { on, ...change }) {
      const { row } = await getVisible(deps.database.db, actor, idOrSlug);
      if (!isStaff(actor, row)) {
        throw new DomainError(
          "FORBIDDEN",
          "Cannot try rules on a competition of another organiser",
        );
      }
      const rules = triedRules(row.rules, change);
      if (on === "samples") return trySamples(rules, sampleWeek(row.timeZone));
      return await tryParticipants(deps, row, rules);
    },
  };
}

function triedRules(
  { scoring, rankMethod, tieBreaks }: Rules,
  change: Omit<CompetitionPreviewRequest, "on">,
): TriedRules {
  return {
    scoring: (change.scoring ?? scoring) as Rules["scoring"],
    rankMethod: change.rankMethod ?? rankMethod,
    tieBreaks: change.tieBreaks ?? tieBreaks,
  };
}

function trySamples(rules: TriedRules, week: SampleWeek): RulePreview {
  const previewed = previewRules(rules, week, sampleAthletes(week));
  return {
    on: "samples",
    ...timesOf(week),
    total: previewed.length,
    rows: previewed.map((one) => sampleRow(one, rules)),
  };
}

function timesOf({ startsAt, endsAt, timeZone }: Omit<SampleWeek, "graceMs">) {
  return {
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    timeZone,
  };
}

function sampleRow(
  { athlete, rank, score, computed }: PreviewedAthlete,
  rules: TriedRules,
): PreviewRow {
  const { name, about, activities, samples } = athlete;
  const records = [...activities, ...samples].sort((a, b) => a.startedAt - b.startedAt);
  return {
    name,
    about,
    participantId: null,
    rank,
    score: shownScore(score, rules),
    ...summaryOf(computed),
    records: rules.scoring.kind === "direct" ? [] : records.map((record) => ({
      type: record.kind === "activity" ? record.type : record.quantity,
      source: record.source.device ?? "",
      startedAt: new Date(record.startedAt).toISOString(),
      endedAt: new Date(record.endedAt).toISOString(),
      ...partsOf(record.id, computed),
    })),
  };
}

function shownScore(score: number | null, { scoring }: TriedRules): number | null {
  return score === null ? null : formatScore(score, decimalsOf(scoring));
}

type Computed = Pick<ActivityScore, "counted" | "excluded">;

function partsOf(
  recordId: string,
  { counted, excluded }: Computed,
): Pick<PreviewRecord, "counted" | "excluded"> {
  const own = counted.filter((part) => part.recordId === recordId);
  return {
    counted: own.reduce((sum, { amount }) => sum + amount, 0),
    excluded: excluded.filter((part) => part.recordId === recordId).map(({ reason, amount }) =>
      amount === undefined ? { reason } : { reason, amount }
    ),
  };
}

/** What the best of the board would have under the rule; adjustments by staff are not in it. */
async function tryParticipants(
  deps: RulePreviewDeps,
  row: CompetitionRow,
  rules: TriedRules,
): Promise<RulePreview> {
  if (row.rules.scoring.kind === "direct" || rules.scoring.kind === "direct") {
    throw invalid("on", "direct_scores", "Direct scores can be tried on sample athletes only");
  }
  const view = await deps.boards.view(row.id, "staff");
  const shown = view.rows(0, PARTICIPANTS_MAX).filter(({ status }) => status === "active");
  const terms = { ...row, rules: { ...rules, version: row.rules.version } };
  const computed = new Map<string, ScoreSummary>();
  await deps.database.transaction(async (tx) => {
    for (const { participantId, userId } of shown) {
      computed.set(participantId, await deps.activityScores.ask(tx, "summary", terms, userId));
    }
  }, { name: "rules.preview" });
  const ranked = rankContenders(
    shown.map(({ participantId }) => contenderOf(participantId, computed.get(participantId)!)),
    rules,
    { provisional: true },
  );
  const before = new Map(shown.map((one) => [one.participantId, one]));
  const rows = ranked.map(({ participantId, rank, score }): PreviewRow => {
    const { name, rank: rankNow, score: scoreNow } = before.get(participantId)!;
    const now = { rankNow, scoreNow };
    const { counted, excluded } = computed.get(participantId)!;
    const summary = { counted, excluded };
    return { name, about: null, participantId, rank, score, ...now, ...summary, records: [] };
  });
  return { on: "participants", ...timesOf(row), total: view.total, rows };
}

function contenderOf(
  participantId: string,
  { score, reachedAt }: Pick<ActivityScore, "score" | "reachedAt">,
) {
  return {
    ...{ participantId, score, reachedAt, division: null, status: "active" as const },
    ...{ eventCount: score === null ? 0 : 1, bestEvent: score, joinedAt: 0 },
  };
}
