/** Invites: links by which an organiser admits people, counted, limited and revocable. */

import type { Page } from "@/contracts/envelope.ts";
import type { Invite, InviteInput, InviteQuery } from "@/contracts/invites.ts";
import type { OpenedInvite } from "@/contracts/opened_invite.ts";
import type { Database, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import type { EpochMs } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import { checkManages } from "../accounts/access.ts";
import type { AuditService } from "../audit.ts";
import { getRow } from "./competition_access.ts";
import { type CompetitionRow, toCompetition } from "./competition_view.ts";
import type { InviteCodes } from "./invite_codes.ts";
import { takeInviteGuess } from "./invite_guesses.ts";
import type { NoticesService } from "../notices.ts";

export interface InvitesService {
  /** Makes one; who manages the competition. Somebody named who has an account is told. Fails with `CONFLICT` when there are too many, `VALIDATION_ERROR`, `ALREADY_FINAL`, `COMPETITION_CANCELLED`. */
  create(actor: Actor, idOrSlug: string, input: InviteInput): Promise<Invite>;
  /** Newest first, with their codes; who manages the competition. */
  list(actor: Actor, idOrSlug: string, query: InviteQuery): Promise<Page<Invite>>;
  /** One of them. Fails with `NOT_FOUND`. */
  get(actor: Actor, idOrSlug: string, inviteId: string): Promise<Invite>;
  /** Nobody joins by it any more; who did stays. Fails with `NOT_FOUND`. */
  revoke(actor: Actor, idOrSlug: string, inviteId: string): Promise<Invite>;
  /** What whoever holds a code may know before signing in. Fails with `NOT_FOUND` for a code that is none, `RATE_LIMIT_EXCEEDED`. */
  open(actor: Actor, code: string): Promise<OpenedInvite>;
}

export interface InvitesDeps {
  database: Database;
  audit: AuditService;
  notices: Pick<NoticesService, "tell">;
  inviteCodes: InviteCodes;
  limiter: RateLimiter;
  clock: Clock;
  newId: IdGenerator;
}

/** More than an organiser can hand out; an import of people is another thing. */
const INVITES_MAX = 2000;

export function createInvitesService(deps: InvitesDeps): InvitesService {
  return {
    create: (actor, idOrSlug, input) => create(deps, actor, idOrSlug, input),
    list: (actor, idOrSlug, query) => list(deps, actor, idOrSlug, query),
    async get(actor, idOrSlug, inviteId) {
      const row = await getManaged(deps, actor, idOrSlug);
      return toInvite(deps, await find(deps.database.sql, row.id, inviteId));
    },
    revoke: (actor, idOrSlug, inviteId) => revoke(deps, actor, idOrSlug, inviteId),
    open: (actor, code) => open(deps, actor, code),
  };
}

interface StoredInvite {
  id: string;
  competitionId: string;
  handle: string;
  label: string | null;
  division: string | null;
  email: string | null;
  usesMax: number | null;
  uses: number;
  expiresAt: EpochMs | null;
  createdAt: EpochMs;
  revokedAt: EpochMs | null;
}

async function getManaged(
  { database }: InvitesDeps,
  actor: Actor,
  idOrSlug: string,
): Promise<CompetitionRow> {
  const row = await getRow(database.db, idOrSlug);
  checkManages(actor, row);
  return row;
}

async function create(
  deps: InvitesDeps,
  actor: Actor,
  idOrSlug: string,
  input: InviteInput,
): Promise<Invite> {
  const competition = await getManaged(deps, actor, idOrSlug);
  checkOpen(competition);
  const stored = storedOf(deps, competition, input);
  await deps.database.transaction(async (tx) => {
    await checkCount(tx, competition.id);
    await tx.sql`
      insert into competition_invites (id, competition_id, handle, label, division, email,
        uses_max, expires_at, created_by, created_at)
      values (${stored.id}, ${competition.id}, ${stored.handle}, ${stored.label},
        ${stored.division}, ${stored.email}, ${stored.usesMax}, ${stored.expiresAt},
        ${actor.kind === "user" ? actorIdOf(actor) : null}, ${stored.createdAt})`;
    await deps.audit.record(tx, actor, {
      action: "competition.invite",
      targetKind: "competition",
      targetId: competition.id,
      after: { inviteId: stored.id, ...input },
    });
    await tellInvited(deps, tx, competition, stored);
  }, { name: "invite" });
  return toInvite(deps, stored);
}

function checkOpen({ name, status }: CompetitionRow): void {
  if (status === "draft" || status === "published") return;
  const code = status === "cancelled" ? "COMPETITION_CANCELLED" : "ALREADY_FINAL";
  throw new DomainError(code, `Cannot invite to competition "${name}": it is over`);
}

function storedOf(
  { clock, newId, inviteCodes }: InvitesDeps,
  { id: competitionId, divisions }: CompetitionRow,
  input: InviteInput,
): StoredInvite {
  const createdAt = clock.now();
  const expiresAt = input.expiresAt ? Date.parse(input.expiresAt) : null;
  if (expiresAt !== null && expiresAt <= createdAt) {
    throw invalid("expiresAt", "too_early", "The expiry must lie ahead");
  }
  const division = input.division ?? null;
  if (division !== null && !divisions.includes(division)) {
    throw invalid("division", "unknown", `The competition has no division "${division}"`);
  }
  return {
    id: newId(),
    competitionId,
    handle: inviteCodes.newHandle(),
    label: input.label ?? null,
    division,
    email: input.email ?? null,
    usesMax: input.email ? 1 : input.usesMax ?? null,
    uses: 0,
    expiresAt,
    createdAt,
    revokedAt: null,
  };
}

async function checkCount(tx: Tx, competitionId: string): Promise<void> {
  const [row] = await tx.sql<{ count: number }[]>`
    select count(*) as count from competition_invites
    where competition_id = ${competitionId} and revoked_at is null`;
  if (row!.count < INVITES_MAX) return;
  throw new DomainError("CONFLICT", `Cannot invite: ${INVITES_MAX} invites are open already`);
}

/** Somebody who is named and has an account hears of it there. */
async function tellInvited(
  deps: InvitesDeps,
  tx: Tx,
  { id, slug, name }: CompetitionRow,
  { email, handle }: StoredInvite,
): Promise<void> {
  if (email === null) return;
  const rows = await tx.sql<{ id: string }[]>`
    select id from users where lower(email) = lower(${email}) and status = 'active'`;
  const payload = { competitionId: id, slug, name, code: deps.inviteCodes.codeOf(handle) };
  const kind = "competition.invited" as const;
  await deps.notices.tell(tx, rows.map(({ id: userId }) => ({ userId, kind, payload })));
}

async function list(
  deps: InvitesDeps,
  actor: Actor,
  idOrSlug: string,
  { page, page_size: pageSize }: InviteQuery,
): Promise<Page<Invite>> {
  const { id } = await getManaged(deps, actor, idOrSlug);
  const { sql } = deps.database;
  const rows = await sql<StoredInvite[]>`
    select ${columns(sql)} from competition_invites where competition_id = ${id}
    order by created_at desc, id desc limit ${pageSize} offset ${(page - 1) * pageSize}`;
  const [count] = await sql<{ total: number }[]>`
    select count(*) as total from competition_invites where competition_id = ${id}`;
  return { items: rows.map((row) => toInvite(deps, row)), page, pageSize, total: count!.total };
}

async function revoke(
  deps: InvitesDeps,
  actor: Actor,
  idOrSlug: string,
  inviteId: string,
): Promise<Invite> {
  const { id } = await getManaged(deps, actor, idOrSlug);
  const revoked = await deps.database.transaction(async (tx) => {
    const before = await find(tx.sql, id, inviteId);
    if (before.revokedAt !== null) return before;
    const revokedAt = deps.clock.now();
    await tx.sql`
      update competition_invites set revoked_at = ${revokedAt} where id = ${before.id}`;
    await deps.audit.record(tx, actor, {
      action: "competition.invite_revoke",
      targetKind: "competition",
      targetId: id,
      before: { inviteId: before.id, uses: before.uses, label: before.label },
    });
    return { ...before, revokedAt };
  }, { name: "invite_revoke" });
  return toInvite(deps, revoked);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function find(
  sql: Database["sql"] | Tx["sql"],
  competitionId: string,
  inviteId: string,
): Promise<StoredInvite> {
  const [row] = UUID.test(inviteId)
    ? await sql<StoredInvite[]>`
      select ${columns(sql)} from competition_invites
      where id = ${inviteId} and competition_id = ${competitionId}`
    : [];
  if (row) return row;
  throw new DomainError("NOT_FOUND", `Cannot find invite "${inviteId}": there is none`);
}

function columns(sql: Database["sql"] | Tx["sql"]) {
  return sql`id, competition_id as "competitionId", handle, label, division, email,
    uses_max as "usesMax", uses, expires_at as "expiresAt", created_at as "createdAt",
    revoked_at as "revokedAt"`;
}

async function open(deps: InvitesDeps, actor: Actor, code: string): Promise<OpenedInvite> {
  return await takeInviteGuess(deps.limiter, actor, { inviteCode: code }, async () => {
    const handle = deps.inviteCodes.handleOf(code);
    const [stored] = handle === undefined ? [] : await deps.database.sql<StoredInvite[]>`
      select ${columns(deps.database.sql)} from competition_invites where handle = ${handle}`;
    if (!stored) throw noInvite();
    const row = await getRow(deps.database.db, stored.competitionId);
    if (row.status === "draft") throw noInvite();
    const { state, expiresAt, email, division } = toInvite(deps, stored);
    const competition = toCompetition(row, { at: deps.clock.now(), isStaff: false });
    const known = deps.inviteCodes.codeOf(stored.handle);
    return { code: known, state, isPersonal: email !== null, division, expiresAt, competition };
  });
}

/** Counts as a guess. */
function noInvite(): DomainError {
  const message = "There is no such invite; look whether the link is whole";
  return new DomainError("NOT_FOUND", "Cannot open the invite: there is none", {
    details: [{ field: "inviteCode", code: "mismatch", message }],
  });
}

function toInvite(
  { inviteCodes, clock }: Pick<InvitesDeps, "inviteCodes" | "clock">,
  { handle, ...stored }: StoredInvite,
): Invite {
  const code = inviteCodes.codeOf(handle);
  const iso = (at: EpochMs | null) => at === null ? null : new Date(at).toISOString();
  return {
    ...stored,
    code,
    path: `/i/${code}`,
    state: stateOf(stored, clock.now()),
    expiresAt: iso(stored.expiresAt),
    createdAt: new Date(stored.createdAt).toISOString(),
    revokedAt: iso(stored.revokedAt),
  };
}

function stateOf(invite: Omit<StoredInvite, "handle">, now: EpochMs): Invite["state"] {
  if (invite.revokedAt !== null) return "revoked";
  if (invite.usesMax !== null && invite.uses >= invite.usesMax) return "used_up";
  return invite.expiresAt !== null && invite.expiresAt <= now ? "expired" : "open";
}
