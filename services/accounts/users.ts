/**
 * Users and their profiles.
 *
 * @module
 */

import type { Page } from "@/contracts/envelope.ts";
import type { Profile, ProfileChange, User, UserChange, UserQuery } from "@/contracts/users.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole, checkRoleOrScope, checkSelfOrAdmin, isSelf } from "./access.ts";
import type { AccessCache } from "./access_cache.ts";
import { checkNotLastAdmin } from "./admins.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { Cached } from "../cached.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import { eraseUser } from "./erasure.ts";
import { checkNoMoneyLeft } from "../money/money_left.ts";
import { getProfile, updateProfile } from "./profiles.ts";
import { endSessions } from "./sessions.ts";
import { logShownName } from "./shown_name.ts";
import { getUser, listUsers, lockUser, notFound, type UserRow } from "./user_rows.ts";

export interface UsersService {
  /** Admins only. Deleted users are listed only when asked for by status. */
  list(actor: Actor, query: UserQuery): Promise<Page<User>>;
  /** Oneself or an admin. Fails with `NOT_FOUND`, also for deleted users. */
  get(actor: Actor, userId: string): Promise<User>;
  /** Role, suspension, name; admins only, audited. Fails with `LAST_ADMIN`, `NOT_FOUND`. */
  change(actor: Actor, userId: string, change: UserChange): Promise<User>;
  /** Soft delete by oneself or an admin: e-mail, name and profile are erased, sessions end, entries stay anonymous. Fails with `LAST_ADMIN`, `NOT_FOUND`, and with `CONFLICT` while money of theirs is here. */
  remove(actor: Actor, userId: string, reason?: string): Promise<void>;
  /** Oneself or an admin. Fails with `NOT_FOUND`. */
  getProfile(actor: Actor, userId: string): Promise<Profile>;
  /** Oneself or an admin; a change of the shown name takes a number in the log of every competition joined. Fails with `NOT_FOUND`. */
  changeProfile(actor: Actor, userId: string, change: ProfileChange): Promise<Profile>;
}

export interface UsersDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
  log: Pick<CompetitionLogService, "lock" | "append">;
  boards: Pick<BoardsService, "committed">;
  /** Shared with the accounts service, so that both forget at once on this node. */
  access: Pick<AccessCache, "forgetUser">;
  profiles: Cached<Profile>;
}

/** Makes the users service. */
export function createUsersService(deps: UsersDeps): UsersService {
  return {
    async list(actor, query) {
      checkRoleOrScope(actor, "users:read", "admin");
      return await listUsers(deps.database, query);
    },
    async get(actor, userId) {
      checkSelfOrAdmin(actor, userId, "users:read");
      return await getUser(deps.database, userId);
    },
    async change(actor, userId, change) {
      checkRole(actor, "admin");
      return await changeUser(deps, actor, { userId, change });
    },
    async remove(actor, userId, reason) {
      checkSelfOrAdmin(actor, userId);
      await removeUser(deps, actor, { userId, reason });
    },
    async getProfile(actor, userId) {
      checkSelfOrAdmin(actor, userId, "users:read");
      const profile = await deps.profiles.get(userId);
      if (profile === undefined) throw notFound(userId);
      return profile;
    },
    async changeProfile(actor, userId, change) {
      checkSelfOrAdmin(actor, userId);
      return await changeProfile(deps, actor, { userId, change });
    },
  };
}

type Column = "role" | "status" | "name";
type ChangedColumns = Partial<Pick<UserRow, Column>>;

async function changeUser(
  deps: UsersDeps,
  actor: Actor,
  { userId, change }: { userId: string; change: UserChange },
): Promise<User> {
  const at = deps.clock.now();
  const competitionIds = await deps.database.transaction(async (tx) => {
    const before = await lockUser(tx, userId);
    const after = changedColumns(before, change);
    if (Object.keys(after).length === 0) return [];
    await updateUser(tx, { before, after, at });
    await deps.audit.record(tx, actor, {
      action: "user.change",
      targetKind: "user",
      targetId: userId,
      before: pick(before, Object.keys(after) as Column[]),
      after,
      reason: change.reason,
    });
    const isRenamed = after.name !== undefined && before.alias === null;
    return isRenamed ? await logShownName(tx, deps.log, { userId, actor }) : [];
  }, { name: "change_user" });
  await tellAll(deps, userId, competitionIds);
  return await getUser(deps.database, userId);
}

function changedColumns(before: UserRow, change: UserChange): ChangedColumns {
  const { role, status, name } = change;
  return {
    ...(role !== undefined && role !== before.role ? { role } : {}),
    ...(status !== undefined && status !== before.status ? { status } : {}),
    ...(name !== undefined && name !== before.name ? { name } : {}),
  };
}

function pick(row: UserRow, columns: readonly Column[]): ChangedColumns {
  return Object.fromEntries(columns.map((column) => [column, row[column]]));
}

async function updateUser(
  tx: Tx,
  { before, after, at }: { before: UserRow; after: ChangedColumns; at: EpochMs },
): Promise<void> {
  const { role = before.role, status = before.status, name = before.name } = after;
  const wasAdmin = before.role === "admin" && before.status === "active";
  if (wasAdmin && (role !== "admin" || status !== "active")) {
    await checkNotLastAdmin(tx, before.id);
  }
  const isAccessChanged = after.role !== undefined || after.status !== undefined;
  await tx.sql`
    update users set role = ${role}, status = ${status}, name = ${name}, updated_at = ${at},
      access_changed_at = case when ${isAccessChanged}
        then greatest(${at}, access_changed_at + interval '1 millisecond')
        else access_changed_at end
    where id = ${before.id}`;
  if (after.status === "suspended") {
    await endSessions(tx, before.id, { at, reason: "suspended" });
  }
}

async function removeUser(
  deps: UsersDeps,
  actor: Actor,
  { userId, reason }: { userId: string; reason: string | undefined },
): Promise<void> {
  const at = deps.clock.now();
  const competitionIds = await deps.database.transaction(async (tx) => {
    const before = await lockUser(tx, userId);
    if (before.role === "admin" && before.status === "active") await checkNotLastAdmin(tx, userId);
    await checkNoMoneyLeft(tx, userId);
    await eraseUser(tx, userId, at);
    if (!isSelf(actor, userId)) {
      // What was erased does not live on in the audit log.
      const { role, status } = before;
      const target = { action: "user.remove", targetKind: "user", targetId: userId };
      await deps.audit.record(tx, actor, { ...target, before: { role, status }, reason });
    }
    return await logShownName(tx, deps.log, { userId, actor });
  }, { name: "remove_user" });
  await tellAll(deps, userId, competitionIds);
}

async function changeProfile(
  deps: UsersDeps,
  actor: Actor,
  { userId, change }: { userId: string; change: ProfileChange },
): Promise<Profile> {
  const at = deps.clock.now();
  const { profile, competitionIds } = await deps.database.transaction(async (tx) => {
    await lockUser(tx, userId);
    const before = await getProfile(tx.sql, userId);
    const profile = await updateProfile(tx, { before, change, at });
    if (!isSelf(actor, userId)) {
      const target = { action: "user.profile", targetKind: "user", targetId: userId };
      await deps.audit.record(tx, actor, { ...target, before, after: profile });
    }
    const isRenamed = shownName(before) !== shownName(profile);
    const competitionIds = isRenamed ? await logShownName(tx, deps.log, { userId, actor }) : [];
    return { profile, competitionIds };
  }, { name: "change_profile" });
  await deps.profiles.forget(userId);
  await tellBoards(deps, competitionIds);
  return profile;
}

function shownName(profile: Profile): string {
  return profile.alias ?? profile.name;
}

async function tellAll(
  deps: UsersDeps,
  userId: string,
  competitionIds: readonly string[],
): Promise<void> {
  deps.access.forgetUser(userId);
  await deps.profiles.forget(userId);
  await tellBoards(deps, competitionIds);
}

async function tellBoards(deps: UsersDeps, competitionIds: readonly string[]): Promise<void> {
  await Promise.all(competitionIds.map((id) => deps.boards.committed(id)));
}
