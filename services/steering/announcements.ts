/** Words of organisers to everybody who follows a competition: stored, listed, and sent live. */

import type {
  Announcement,
  AnnouncementInput,
  AnnouncementQuery,
} from "@/contracts/announcements.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Database, Tx } from "@/db/client.ts";
import { type Actor, actorIdOf } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { type EpochMs, HOUR_MS } from "@/domain/time.ts";
import { checkManages } from "../accounts/access.ts";
import { getRow, getVisible } from "../competitions/competition_access.ts";
import type { LockedCompetition } from "../leaderboard/competition_log.ts";
import type { LiveService } from "../live/live.ts";
import type { NoticesService } from "../notices.ts";
import { steer, type SteeringDeps } from "./steering.ts";

export interface AnnouncementsService {
  /** Tells everybody; who manages the competition. Fails with `NOT_PUBLISHED`, `RATE_LIMIT_EXCEEDED`. */
  announce(actor: Actor, idOrSlug: string, input: AnnouncementInput): Promise<Announcement>;
  /** Newest first; whoever may see the competition. */
  list(actor: Actor, idOrSlug: string, query: AnnouncementQuery): Promise<Page<Announcement>>;
}

export interface AnnouncementsDeps extends SteeringDeps {
  live: Pick<LiveService, "announce">;
  notices: Pick<NoticesService, "tellParticipants">;
}

/** More in an hour is a fault, or drowns what matters. */
const PER_HOUR_MAX = 30;

export function createAnnouncementsService(deps: AnnouncementsDeps): AnnouncementsService {
  return {
    announce: (actor, idOrSlug, input) => announce(deps, actor, idOrSlug, input),
    async list(actor, idOrSlug, query) {
      const { row } = await getVisible(deps.database.db, actor, idOrSlug);
      return await list(deps.database, row.id, query);
    },
  };
}

async function announce(
  deps: AnnouncementsDeps,
  actor: Actor,
  idOrSlug: string,
  { text }: AnnouncementInput,
): Promise<Announcement> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  const { id } = row;
  const announcement = await steer(deps, id, async (tx, locked) => {
    if (locked.status === "draft") {
      const message = `Cannot announce in competition "${locked.name}": it is a draft`;
      throw new DomainError("NOT_PUBLISHED", message);
    }
    await checkRate(deps, tx, locked);
    const announcement = await addAnnouncement(deps, tx, locked, { actor, kind: "news", text });
    const { slug, name } = locked;
    // Whoever does not watch finds it among the notices.
    await deps.notices.tellParticipants(tx, id, {
      kind: "competition.announced",
      payload: { competitionId: id, slug, name, reason: announcement.text },
    });
    await deps.audit.record(tx, actor, {
      action: "competition.announce",
      targetKind: "competition",
      targetId: id,
      after: { announcementId: announcement.id, text },
    });
    return announcement;
  });
  deps.live.announce(id, { text: announcement.text, at: announcement.at });
  return announcement;
}

async function checkRate(deps: SteeringDeps, tx: Tx, { id, name }: LockedCompetition) {
  const since = deps.clock.now() - HOUR_MS;
  const [row] = await tx.sql<{ recent: number; oldest: EpochMs | null }[]>`
    select count(*) as recent, min(at) as oldest from announcements
    where competition_id = ${id} and at > ${since}`;
  if (!row || row.recent < PER_HOUR_MAX) return;
  const message = `Cannot announce in competition "${name}": ${PER_HOUR_MAX} an hour are enough`;
  const retryAfterSeconds = Math.ceil(((row.oldest ?? 0) - since) / 1000) + 1;
  throw new DomainError("RATE_LIMIT_EXCEEDED", message, { retryAfterSeconds });
}

/** Stores an announcement under the competition's lock. */
export async function addAnnouncement(
  deps: Pick<SteeringDeps, "clock" | "newId">,
  tx: Tx,
  { id: competitionId }: LockedCompetition,
  { actor, kind, text }: { actor: Actor; kind: Announcement["kind"]; text: string },
): Promise<Announcement> {
  const id = deps.newId();
  const at = deps.clock.now();
  await tx.sql`
    with counted as (
      update competitions set announcement_count = announcement_count + 1
      where id = ${competitionId} returning announcement_count as number)
    insert into announcements (id, competition_id, number, kind, text, author_kind, author_id, at)
    select ${id}, ${competitionId}, number, ${kind}, ${text},
      ${actor.kind === "anonymous" ? "system" : actor.kind}, ${actorIdOf(actor)}, ${at}
    from counted`;
  return { id, kind, text, at: new Date(at).toISOString() };
}

type StoredRow = Omit<Announcement, "at"> & { at: EpochMs };

async function list(
  { sql }: Database,
  competitionId: string,
  { page, page_size: pageSize }: AnnouncementQuery,
): Promise<Page<Announcement>> {
  const rows = await sql<StoredRow[]>`
    select id, kind, text, at from announcements where competition_id = ${competitionId}
    order by number desc limit ${pageSize} offset ${(page - 1) * pageSize}`;
  const [count] = await sql<{ total: number }[]>`
    select count(*) as total from announcements where competition_id = ${competitionId}`;
  const items = rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
  return { items, page, pageSize, total: count?.total ?? 0 };
}

/** Those made after an instant, oldest first, as viewers are told. */
export async function readAnnouncementsSince(
  { sql }: Database,
  competitionId: string,
  since: EpochMs,
): Promise<Pick<Announcement, "text" | "at">[]> {
  const rows = await sql<{ text: string; at: EpochMs }[]>`
    select text, at from announcements
    where competition_id = ${competitionId} and at > ${since} order by number`;
  return rows.map(({ text, at }) => ({ text, at: new Date(at).toISOString() }));
}
