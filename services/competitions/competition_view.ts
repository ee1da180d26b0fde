/** Competition rows as the wire shows them, and wire input as rows. */

import type {
  Competition,
  CompetitionChange,
  CompetitionInput,
  TeamRuleInput,
} from "@/contracts/competitions.ts";
import { moneyColumns, moneyShown, NO_MONEY } from "./competition_money.ts";
import { isFrozenAt, phaseOf } from "@/domain/competition.ts";
import { type EntryConditions, hasConditions } from "@/domain/entry_condition.ts";
import { invalid } from "@/domain/error.ts";
import type { Rules, Scoring } from "@/domain/rules.ts";
import { findTeamFault, type TeamRule } from "@/domain/team_rule.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { competitions } from "@/db/schema.ts";

/** A row of `competitions`. */
export type CompetitionRow = typeof competitions.$inferSelect;

/** What is shown of a row: all but the head of its log. */
export type ShownRow = Omit<CompetitionRow, "lastSeq" | "lastHash" | "lastArrivedAt">;

/** The columns an organiser decides. */
export type CompetitionColumns = Pick<
  CompetitionRow,
  | "name"
  | "description"
  | "visibility"
  | "inviteCode"
  | "timeZone"
  | "registrationOpensAt"
  | "registrationClosesAt"
  | "startsAt"
  | "endsAt"
  | "graceMs"
  | "freezeAt"
  | "finalization"
  | "entryConditions"
  | "capacity"
  | "minimumParticipants"
  | "rules"
  | "divisions"
  | "entryFee"
  | "prizePlan"
>;

/** The schedule that phases follow from; a missing opening means "from publishing on". */
export function scheduleOf(row: ShownRow) {
  return {
    status: row.status,
    registrationOpensAt: row.registrationOpensAt ?? row.publishedAt ?? row.createdAt,
    registrationClosesAt: row.registrationClosesAt,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    graceMs: row.graceMs,
  };
}

/** The competition as the API gives it; the invite code only where the asker is its staff. */
export function toCompetition(
  row: ShownRow,
  options: { at: EpochMs; isStaff: boolean },
): Competition {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    visibility: row.visibility,
    ...(options.isStaff ? { inviteCode: row.inviteCode } : {}),
    status: row.status,
    phase: phaseOf(scheduleOf(row), options.at),
    ownerId: row.ownerId,
    timeZone: row.timeZone,
    registrationOpensAt: isoOrNull(row.registrationOpensAt),
    registrationClosesAt: iso(row.registrationClosesAt),
    startsAt: iso(row.startsAt),
    endsAt: iso(row.endsAt),
    graceMs: row.graceMs,
    freezeAt: isoOrNull(row.freezeAt),
    frozen: isFrozenAt(row, options.at),
    frozenAt: isoOrNull(row.frozenAt ?? (isFrozenAt(row, options.at) ? row.freezeAt : null)),
    finalization: row.finalization,
    capacity: row.capacity,
    minimumParticipants: row.minimumParticipants,
    entryConditions: row.entryConditions as Competition["entryConditions"],
    series: seriesPlaceOf(row),
    scoring: row.rules.scoring as Competition["scoring"],
    rankMethod: row.rules.rankMethod,
    tieBreaks: [...row.rules.tieBreaks],
    divisions: row.divisions,
    teams: row.rules.teams ?? null,
    rulesVersion: row.rulesVersion,
    ...moneyShown(row),
    participantCount: options.isStaff
      ? row.participantCount
      : row.frozenCount ?? row.participantCount,
    isDemo: row.isDemo,
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    publishedAt: isoOrNull(row.publishedAt),
    cancelledAt: isoOrNull(row.cancelledAt),
    cancelReason: row.cancelReason,
  };
}

/** Its place among its repetitions. */
function seriesPlaceOf({ seriesId, seriesIndex }: ShownRow): Competition["series"] {
  return seriesId === null || seriesIndex === null ? null : { id: seriesId, index: seriesIndex };
}

/** The columns of a new draft. Registration closes with the competition unless told otherwise. */
export function toColumns(
  input: CompetitionInput,
  newInviteCode: () => string,
): CompetitionColumns {
  const endsAt = Date.parse(input.endsAt);
  return checkColumns({
    name: input.name,
    description: input.description,
    visibility: input.visibility,
    inviteCode: input.inviteCode ?? (input.visibility === "invite" ? newInviteCode() : null),
    timeZone: input.timeZone,
    registrationOpensAt: instantOrNull(input.registrationOpensAt),
    registrationClosesAt: instantOrNull(input.registrationClosesAt) ?? endsAt,
    startsAt: Date.parse(input.startsAt),
    endsAt,
    graceMs: input.graceMs,
    freezeAt: instantOrNull(input.freezeAt),
    finalization: input.finalization ?? "manual",
    entryConditions: conditionsOf(input.entryConditions),
    capacity: input.capacity ?? null,
    minimumParticipants: input.minimumParticipants ?? null,
    rules: rulesOf(1, input),
    // Prizes by division name the divisions where nothing else does.
    divisions: input.divisions ?? input.prizes?.divisions.map(({ division }) => division) ?? [],
    ...moneyColumns(input, NO_MONEY),
  });
}

/** The columns after a change; a registration that closed with the old end moves with it. */
export function changedColumns(
  row: CompetitionRow,
  change: CompetitionChange,
  newInviteCode: () => string,
): CompetitionColumns {
  const endsAt = change.endsAt === undefined ? row.endsAt : Date.parse(change.endsAt);
  const visibility = change.visibility ?? row.visibility;
  const inviteCode = change.inviteCode === undefined ? row.inviteCode : change.inviteCode;
  const closes = change.registrationClosesAt === undefined
    ? (row.registrationClosesAt === row.endsAt ? endsAt : row.registrationClosesAt)
    : instantOrNull(change.registrationClosesAt) ?? endsAt;
  return checkColumns({
    name: change.name ?? row.name,
    description: change.description ?? row.description,
    visibility,
    inviteCode: inviteCode ?? (visibility === "invite" ? newInviteCode() : null),
    timeZone: change.timeZone ?? row.timeZone,
    registrationOpensAt: change.registrationOpensAt === undefined
      ? row.registrationOpensAt
      : instantOrNull(change.registrationOpensAt),
    registrationClosesAt: closes,
    startsAt: change.startsAt === undefined ? row.startsAt : Date.parse(change.startsAt),
    endsAt,
    graceMs: change.graceMs ?? row.graceMs,
    freezeAt: change.freezeAt === undefined ? row.freezeAt : instantOrNull(change.freezeAt),
    finalization: change.finalization ?? row.finalization,
    entryConditions: change.entryConditions === undefined
      ? row.entryConditions
      : conditionsOf(change.entryConditions),
    capacity: change.capacity === undefined ? row.capacity : change.capacity,
    minimumParticipants: change.minimumParticipants === undefined
      ? row.minimumParticipants
      : change.minimumParticipants,
    rules: rulesOf(row.rulesVersion, {
      scoring: change.scoring ?? row.rules.scoring,
      rankMethod: change.rankMethod ?? row.rules.rankMethod,
      tieBreaks: change.tieBreaks ?? row.rules.tieBreaks,
      teams: change.teams === undefined ? row.rules.teams : change.teams,
      timeZone: change.timeZone ?? row.timeZone,
    }),
    divisions: change.divisions ?? row.divisions,
    ...moneyColumns(change, row),
  });
}

/** A slug made of a name: lower-case words of a–z and 0–9, at most 60 characters.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { slugOf } from "@/services/competitions/competition_view.ts";
 *
 * assertEquals(slugOf("Frühling: 10 000 Schritte!"), "fruhling-10-000-schritte");
 * assertEquals(slugOf("京都"), "competition");
 * ```
 */
export function slugOf(name: string): string {
  const words = name.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "")
    .split(/[^a-z0-9]+/).filter((word) => word !== "");
  return words.join("-").slice(0, SLUG_FROM_NAME_MAX).replace(/-$/, "") || "competition";
}

/** Leaves room for a suffix within the 80 characters of a slug. */
const SLUG_FROM_NAME_MAX = 60;

function rulesOf(
  version: number,
  input: {
    scoring: Scoring | CompetitionInput["scoring"];
    rankMethod: Rules["rankMethod"];
    tieBreaks: Rules["tieBreaks"];
    teams?: TeamRuleInput | null | undefined;
    timeZone: string;
  },
): Rules {
  const { teams, timeZone } = input;
  return {
    version,
    scoring: withoutUndefined(input.scoring) as Scoring,
    rankMethod: input.rankMethod,
    tieBreaks: [...new Set(input.tieBreaks)],
    ...(teams ? { teams: teamRuleOf(teams, timeZone) } : {}),
  };
}

/** The rule as it is stored: with the zone whose days an average compares. */
export function teamRuleOf(input: TeamRuleInput, timeZone: string): TeamRule {
  const { score, count, maxMembers, creators, moves } = input;
  return withoutUndefined({ score, count, maxMembers, creators, moves, timeZone }) as TeamRule;
}

/** Null where nothing is asked, so that an empty form asks nothing. */
function conditionsOf(given: CompetitionInput["entryConditions"]): EntryConditions | null {
  if (!given) return null;
  const conditions = withoutUndefined(given) as EntryConditions;
  return hasConditions(conditions) ? conditions : null;
}

function checkColumns(columns: CompetitionColumns): CompetitionColumns {
  const { minimumParticipants, capacity, freezeAt, startsAt, endsAt, graceMs } = columns;
  if (freezeAt !== null && freezeAt <= startsAt) {
    throw invalid("freezeAt", "too_early", "The freeze must come after the start");
  }
  if (freezeAt !== null && freezeAt > endsAt + graceMs) {
    throw invalid("freezeAt", "too_late", "The freeze must come before the grace is over");
  }
  if (minimumParticipants !== null && capacity !== null && minimumParticipants > capacity) {
    throw invalid(
      "minimumParticipants",
      "too_big",
      "Minimum participants must not exceed capacity",
    );
  }
  checkGroups(columns);
  return columns;
}

/** Teams must fit the scoring, and prizes by division the divisions. */
function checkGroups({ rules, divisions, prizePlan }: CompetitionColumns): void {
  const fault = rules.teams && findTeamFault(rules.teams, rules.scoring);
  if (fault) throw fault;
  for (const [at, { division }] of (prizePlan?.divisions ?? []).entries()) {
    if (divisions.includes(division)) continue;
    const message = `The competition has no division "${division}"`;
    throw invalid(`prizes.divisions.${at}.division`, "unknown", message);
  }
}

// Zod leaves `key: undefined` for absent optionals, which JSON and comparison would see differently.
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

function iso(at: EpochMs): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : iso(at);
}

function instantOrNull(text: string | null | undefined): EpochMs | null {
  return text === null || text === undefined ? null : Date.parse(text);
}
