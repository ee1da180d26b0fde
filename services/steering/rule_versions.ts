/**
 * Versions of the rules. A published competition gets a new one as an entry of its log, which
 * scores it anew from the start, and everybody is told.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { RulesChange, RulesChanged, RuleVersion } from "@/contracts/rules.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { canChangeRules, checkAllowed } from "@/domain/competition.ts";
import { invalid } from "@/domain/error.ts";
import type { Rules } from "@/domain/rules.ts";
import { findTeamFault } from "@/domain/team_rule.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkManages } from "../accounts/access.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import { addAnnouncement } from "./announcements.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import { teamRuleOf, toCompetition } from "../competitions/competition_view.ts";
import type { LiveService } from "../live/live.ts";
import type { NoticesService } from "../notices.ts";
import type { ScoresWriter } from "../leaderboard/scores.ts";
import { steer, type SteeringDeps } from "./steering.ts";

export interface RuleVersionsService {
  /** Every version, newest first; whoever may see the competition. */
  list(actor: Actor, idOrSlug: string): Promise<RuleVersion[]>;
  /** Enters a new version and scores everybody by it; who manages the competition. Fails with `NOT_PUBLISHED`, `ALREADY_FINAL`, `COMPETITION_CANCELLED`, `VALIDATION_ERROR` (nothing changes, scores that do not fit). */
  change(actor: Actor, idOrSlug: string, change: RulesChange): Promise<RulesChanged>;
}

export interface RuleVersionsDeps extends SteeringDeps {
  scores: ScoresWriter;
  activityScores: Pick<ActivityScores, "rescore">;
  live: Pick<LiveService, "announce">;
  notices: Pick<NoticesService, "tell">;
}

/** Participants folded at once: their events are held in memory. */
const REFOLD_PARTICIPANTS = 500;

export function createRuleVersionsService(deps: RuleVersionsDeps): RuleVersionsService {
  return {
    async list(actor, idOrSlug) {
      const { row } = await getVisible(deps.database.db, actor, idOrSlug);
      const versions = await readVersions(deps.database.sql, row.id);
      // A draft has its rules without an entry.
      if (versions.length > 0) return versions;
      return [toVersion({ rules: row.rules, enteredAt: null, reason: null })];
    },
    change: (actor, idOrSlug, change) => changeRules(deps, actor, idOrSlug, change),
  };
}

interface StoredVersion {
  rules: Rules;
  enteredAt: EpochMs | null;
  reason: string | null;
}

async function readVersions(sql: Tx["sql"] | SteeringDeps["database"]["sql"], id: string) {
  const rows = await sql<StoredVersion[]>`
    select body -> 'rules' as rules, arrived_at as "enteredAt", reason from competition_log
    where competition_id = ${id} and participant_id is null and kind = 'rules'
    order by seq desc`;
  return rows.map(toVersion);
}

function toVersion({ rules, enteredAt, reason }: StoredVersion): RuleVersion {
  return {
    version: rules.version,
    scoring: rules.scoring as RuleVersion["scoring"],
    rankMethod: rules.rankMethod,
    tieBreaks: [...rules.tieBreaks],
    ...(rules.teams ? { teams: rules.teams } : {}),
    enteredAt: enteredAt === null ? null : new Date(enteredAt).toISOString(),
    reason,
  };
}

async function changeRules(
  deps: RuleVersionsDeps,
  actor: Actor,
  idOrSlug: string,
  { reason, ...change }: RulesChange,
): Promise<RulesChanged> {
  const found = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, found);
  const notice = await steer(deps, found.id, async (tx, locked) => {
    checkAllowed(canChangeRules(locked));
    const before = locked.rules;
    const rules = nextRules(before, change, locked.timeZone);
    await enter(deps, tx, locked, { rules, actor, reason });
    await deps.audit.record(tx, actor, {
      action: "competition.rules",
      targetKind: "competition",
      targetId: found.id,
      before,
      after: rules,
      reason,
    });
    await tellParticipants(deps, tx, locked, reason);
    const text = `The rules changed (version ${rules.version}): ${reason}`;
    return await addAnnouncement(deps, tx, locked, { actor, kind: "rules", text });
  });
  deps.live.announce(found.id, { text: notice.text, at: notice.at });
  const row = await getRow(deps.database.db, found.id);
  const [version] = await readVersions(deps.database.sql, found.id);
  return {
    competition: toCompetition(row, { at: deps.clock.now(), isStaff: true }),
    version: version!,
  };
}

function nextRules(
  before: Rules,
  change: Omit<RulesChange, "reason">,
  timeZone: string,
): Rules {
  const { scoring = before.scoring, rankMethod = before.rankMethod } = change;
  const tieBreaks = [...new Set(change.tieBreaks ?? before.tieBreaks)];
  const teams = change.teams === undefined
    ? before.teams
    : change.teams && teamRuleOf(change.teams, timeZone);
  const rules = {
    ...{ version: before.version, scoring: stored(scoring), rankMethod, tieBreaks },
    ...(teams ? { teams } : {}),
  };
  const fault = teams && findTeamFault(teams, rules.scoring);
  if (fault) throw fault;
  if (isDeepStrictEqual(rules, { ...before, tieBreaks: [...before.tieBreaks] })) {
    throw invalid("scoring", "unchanged", "The rules must differ from those in force");
  }
  return { ...rules, version: before.version + 1 };
}

/** As it is stored: Zod leaves `key: undefined` for what is absent. */
function stored(scoring: object): Rules["scoring"] {
  return JSON.parse(JSON.stringify(scoring));
}

async function enter(
  deps: RuleVersionsDeps,
  tx: Tx,
  locked: LockedCompetition,
  { rules, actor, reason }: { rules: Rules; actor: Actor; reason: string },
): Promise<void> {
  locked.rules = rules;
  await tx.sql`
    update competitions set rules = ${JSON.stringify(rules)}::text::jsonb,
      rules_version = ${rules.version}, updated_at = ${deps.clock.now()} where id = ${locked.id}`;
  await deps.log.append(tx, locked, [{ entry: { kind: "rules", rules }, actor, reason }]);
  const participants = await tx.sql<{ id: string; userId: string; status: string }[]>`
    select id, user_id as "userId", status from participants
    where competition_id = ${locked.id} order by id`;
  for (let at = 0; at < participants.length; at += REFOLD_PARTICIPANTS) {
    await refold(deps, tx, locked, participants.slice(at, at + REFOLD_PARTICIPANTS));
  }
  if (rules.scoring.kind === "direct") return;
  for (const participant of participants) {
    if (participant.status !== "active") continue;
    await deps.activityScores.rescore(tx, locked, participant, { actor, reason: "rules" });
  }
}

async function tellParticipants(
  { notices }: RuleVersionsDeps,
  tx: Tx,
  { id, slug, name, rules }: LockedCompetition,
  reason: string,
): Promise<void> {
  const participants = await tx.sql<{ userId: string }[]>`
    select user_id as "userId" from participants
    where competition_id = ${id} and status = 'active' order by id`;
  const payload = { competitionId: id, slug, name, version: rules.version, reason };
  await notices.tell(
    tx,
    participants.map(({ userId }) => ({ userId, kind: "competition.rules_changed", payload })),
  );
}

async function refold(
  deps: RuleVersionsDeps,
  tx: Tx,
  locked: LockedCompetition,
  participants: readonly { id: string }[],
): Promise<void> {
  try {
    await deps.scores.refold(tx, locked, participants.map(({ id }) => id));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = "Scores that were sent do not fit these decimals";
    throw invalid("scoring.decimals", "too_precise", message);
  }
}
