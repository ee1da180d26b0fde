/**
 * "Why am I ranked here": the events behind a score, what does not count and why, and what decided
 * between the neighbours. While a board is frozen, the public is told about the frozen one.
 *
 * @module
 */

import type { Explanation, ExplanationQuery } from "@/contracts/explanation.ts";
import type { PageMeta } from "@/contracts/envelope.ts";
import { pageMeta } from "@/contracts/envelope.ts";
import type { BoardRow } from "@/contracts/leaderboard.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { LogEntry, ScoreEntry, VoidEntry } from "@/domain/log.ts";
import { type ExplainedEvent, explainParticipant } from "@/domain/participant_fold.ts";
import { tieBreakStep } from "@/domain/ranking.ts";
import { decimalsOf, type Rules } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import { isSelf } from "../accounts/access.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import { viewFor } from "../boards/board_access.ts";
import { readContendersAt } from "../boards/board_at.ts";
import { findBetter } from "../boards/board_neighbours.ts";
import type { BoardsService, BoardView } from "../boards/boards.ts";
import { getRow } from "../competitions/competition_access.ts";
import { readLogEntries } from "../leaderboard/log_reader.ts";

export interface ExplanationsService {
  /** Explains one row of the board that the actor may see. Fails with `NOT_FOUND` (no such row), `FORBIDDEN`, `UNAUTHORIZED`. */
  explain(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    query: ExplanationQuery,
  ): Promise<{ explanation: Explanation; meta: PageMeta }>;
}

export interface ExplanationsDeps {
  database: Database;
  boards: BoardsService;
  activityScores: Pick<ActivityScores, "ask">;
}

/** Entries of one participant read at once. */
const PAGE_ENTRIES = 5000;

export function createExplanationsService(deps: ExplanationsDeps): ExplanationsService {
  return {
    explain: (actor, idOrSlug, participantId, query) =>
      explain(deps, actor, { idOrSlug, participantId: participantId.toLowerCase(), query }),
  };
}

async function explain(
  deps: ExplanationsDeps,
  actor: Actor,
  { idOrSlug, participantId, query }: {
    idOrSlug: string;
    participantId: string;
    query: ExplanationQuery;
  },
): Promise<{ explanation: Explanation; meta: PageMeta }> {
  const view = await viewFor(deps.boards, actor, idOrSlug);
  const found = view.find({ participantId });
  if (!found) {
    const message = `Cannot explain participant "${participantId}": the board has no such row`;
    throw new DomainError("NOT_FOUND", message);
  }
  // All at once, as the board may move while the log is read.
  const placed = placeOf(view, found);
  const { competitionId, epoch, offset, frozen, rules } = view;
  const { name, status, rank, score, reachedAt } = placed.row;
  const standing: Standing = {
    ...{
      competitionId,
      epoch,
      offset,
      frozen,
      participantId,
      name,
      status,
      rank,
      score,
      reachedAt,
    },
    tieBreaks: [...rules.tieBreaks, "reached_at"],
    inDivision: placed.inDivision,
    ...await readNeighbours(deps, competitionId, { placed, offset, rules }),
  };
  const events = await readEvents(deps, view, { participantId, offset, rules });
  const counted = events.filter(({ reason }) => reason === null).length;
  const page = { page: query.page, pageSize: query.page_size, total: events.length };
  const from = (page.page - 1) * page.pageSize;
  const decimals = decimalsOf(rules.scoring);
  const items = events.toReversed().slice(from, from + page.pageSize);
  const isInsider = view.audience === "staff" || isSelf(actor, found.row.userId);
  return {
    explanation: {
      ...standing,
      counted,
      excluded: events.length - counted,
      events: items.map((explained) => toEvent(explained, decimals)),
      ...(isInsider ? await explainRecords(deps, view.competitionId, found.row.userId) : {}),
    },
    meta: pageMeta({ items, ...page }),
  };
}

type Standing = Omit<Explanation, "counted" | "excluded" | "events">;

/** A row with the rows beside it, as they stand at one moment. */
interface Placed {
  row: BoardRow;
  ahead: BoardRow | undefined;
  behind: BoardRow | undefined;
  nextRank: BoardRow | undefined;
  inDivision: Explanation["inDivision"];
}

function placeOf(
  view: BoardView,
  { row, index }: { row: BoardRow; index: number },
): Placed {
  const at = (place: number) => view.rows(place, 1)[0];
  const better = row.rank === null ? undefined : findBetter(view, index, row.rank);
  return {
    row,
    ahead: index === 0 ? undefined : at(index - 1),
    behind: at(index + 1),
    nextRank: better === undefined ? undefined : at(better),
    inDivision: divisionPlace(view, row),
  };
}

function divisionPlace(
  view: BoardView,
  { participantId, division }: BoardRow,
): Explanation["inDivision"] {
  if (division === undefined) return null;
  const board = view.division(division);
  const rank = board.find({ participantId })?.row.rank ?? null;
  return { division, rank, total: board.total };
}

type Neighbour = Explanation["ahead"];

/** What lies between the row and those beside it. */
async function readNeighbours(
  { database }: ExplanationsDeps,
  competitionId: string,
  { placed, offset, rules }: { placed: Placed; offset: number; rules: Rules },
): Promise<Pick<Explanation, "ahead" | "behind" | "nextRank">> {
  const { row, ahead, behind, nextRank } = placed;
  const ids = [row, ahead, behind, nextRank].flatMap((one) => one?.participantId ?? []);
  const contenders = await readContendersAt(database, competitionId, {
    ...{ seq: offset, participantIds: [...new Set(ids)] },
  });
  const own = contenders.get(row.participantId);
  const neighbour = (other: BoardRow | undefined): Neighbour => {
    const theirs = other && contenders.get(other.participantId);
    if (!own || !other || !theirs || other.rank === null || other.score === null) return null;
    if (row.rank === null || own.score === null || theirs.score === null) return null;
    const { participantId, name, rank, score } = other;
    const gap = formatScore(Math.abs(theirs.score - own.score), decimalsOf(rules.scoring));
    return { participantId, name, rank, score, gap, decidedBy: tieBreakStep(own, theirs, rules) };
  };
  return { ahead: neighbour(ahead), behind: neighbour(behind), nextRank: neighbour(nextRank) };
}

async function readEvents(
  { database }: ExplanationsDeps,
  { competitionId }: BoardView,
  { participantId, offset, rules }: { participantId: string; offset: number; rules: Rules },
): Promise<ExplainedEvent[]> {
  const entries: (ScoreEntry | VoidEntry)[] = [];
  const versions: Rules[] = [];
  for (let after = 0; after < offset;) {
    const page = await readLogEntries(database.sql, competitionId, {
      ...{ after, upTo: offset, limit: PAGE_ENTRIES, participantIds: [participantId] },
    });
    for (const { entry } of page) {
      if (entry.kind === "rules") versions.push(entry.rules);
      else if (isScoring(entry)) entries.push(entry);
    }
    after = page.length < PAGE_ENTRIES ? offset : page.at(-1)!.entry.seq;
  }
  const [first = rules, ...later] = versions;
  return explainParticipant(entries, [first, ...later]);
}

function isScoring(entry: LogEntry): entry is ScoreEntry | VoidEntry {
  return entry.kind === "score" || entry.kind === "void_event" || entry.kind === "reinstate_event";
}

function toEvent(
  { event, reason, scoreAfter }: ExplainedEvent,
  decimals: number,
): Explanation["events"][number] {
  const { eventId, seq, occurredAt, operator, value, source } = event;
  const show = (score: number | null) => score === null ? null : formatScore(score, decimals);
  return {
    ...{ eventId, seq, operator, source, reason },
    occurredAt: new Date(occurredAt).toISOString(),
    value: show(value),
    counts: reason === null,
    scoreAfter: show(scoreAfter),
  };
}

/** What counts of each record; of competitions with direct scores nothing is known here. */
async function explainRecords(
  deps: ExplanationsDeps,
  competitionId: string,
  userId: string,
): Promise<Pick<Explanation, "records" | "recordCount">> {
  const row = await getRow(deps.database.db, competitionId);
  if (row.rules.scoring.kind === "direct") return {};
  return await deps.database.transaction(
    (tx) => deps.activityScores.ask(tx, "records", row, userId),
    { name: "explain" },
  );
}
