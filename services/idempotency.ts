/**
 * Answers of requests that carried an idempotency key. The key is claimed before the request runs
 * and its answer stored after it, so that the same request sent again, by whatever way and to
 * whatever node, has one effect and one answer. A claim whose node died is taken over when its time
 * is up; its id stays, so that an effect that refers to it is found and not repeated.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import type { ApiKeyActor, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";

/** What is to happen once. */
export interface IdempotentRequest {
  actor: UserActor | ApiKeyActor;
  /** The operation; a key stands for itself in each. */
  route: string;
  key: string;
  /** SHA-256 of everything the effect depends on. */
  requestHash: Uint8Array<ArrayBuffer>;
}

/** An answer as it is given again. */
export interface StoredAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Whether the request is to run, or has its answer already. */
export type Claim =
  | { outcome: "answered"; answer: StoredAnswer }
  | {
    outcome: "claimed";
    /** Stays the same when the request is repeated after a crash. */
    id: string;
    /** Stores the answer; the claim is over. */
    finish(answer: StoredAnswer): Promise<void>;
    /** Gives the key back: nothing happened that must not happen again. */
    release(): Promise<void>;
  };

export interface IdempotencyService {
  /** Waits for the same request on this node. Fails with `CONFLICT` for another body, and with a time to wait while another node is at work. */
  claim(request: IdempotentRequest): Promise<Claim>;
  /** Removes answers that are out of date; gives their number. */
  sweep(): Promise<number>;
}

export interface IdempotencyDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
}

/** How long an answer is given again. */
const ANSWER_MS = DAY_MS;
/** Longer than any request runs; until then nobody takes a claim over. */
const HOLD_MS = 2 * MINUTE_MS;
/** What another node's client is told to wait. */
const RETRY_AFTER_SECONDS = 1;
/** A key given back between two looks is free the next time. */
const CLAIM_TRIES_MAX = 2;
const SWEEP_EVERY_MS = 10 * MINUTE_MS;
/** Rows of one sweep, so that it holds up nothing. */
const SWEEP_ROWS_MAX = 10_000;

/** Makes the service; it sweeps by itself while it is used. */
export function createIdempotencyService(deps: IdempotencyDeps): IdempotencyService {
  const atWork = new Map<string, Promise<void>>();
  let sweptAt = deps.clock.now();
  const sweepWhenDue = () => {
    const now = deps.clock.now();
    if (now - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now;
    sweep(deps).catch(() => {});
  };
  return {
    async claim(request) {
      sweepWhenDue();
      for (let tries = 1; tries <= CLAIM_TRIES_MAX; tries++) {
        const claim = await inTurn(atWork, nameOf(request), () => tryClaim(deps, request));
        if (claim) return claim;
      }
      throw new DomainError("CONFLICT", "Cannot answer yet: the same request is under way", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    },
    sweep: () => sweep(deps),
  };
}

/** One request of a name after the other on this node, each until its claim is over. */
async function inTurn(
  atWork: Map<string, Promise<void>>,
  name: string,
  attempt: () => Promise<Claim | undefined>,
): Promise<Claim | undefined> {
  while (atWork.has(name)) await atWork.get(name);
  const turn = Promise.withResolvers<void>();
  atWork.set(name, turn.promise);
  const end = () => {
    atWork.delete(name);
    turn.resolve();
  };
  let claim: Claim | undefined;
  try {
    claim = await attempt();
  } finally {
    if (claim?.outcome !== "claimed") end();
  }
  if (claim?.outcome !== "claimed") return claim;
  const { finish, release } = claim;
  return {
    ...claim,
    finish: (answer) => finish(answer).finally(end),
    release: () => release().finally(end),
  };
}

function nameOf(request: IdempotentRequest): string {
  return JSON.stringify([request.actor.kind, actorId(request), request.route, request.key]);
}

function actorId({ actor }: IdempotentRequest): string {
  return actor.kind === "user" ? actor.userId : actor.keyId;
}

interface KeyRow {
  id: string;
  holder: string;
  isSame: boolean;
  status: number | null;
  contentType: string | null;
  body: string | null;
}

/** Undefined while another holds the key, or gave it back this moment. */
async function tryClaim(
  deps: IdempotencyDeps,
  request: IdempotentRequest,
): Promise<Claim | undefined> {
  const holder = deps.newId();
  const row = await insertOrTakeOver(deps, request, holder) ?? await find(deps, request);
  if (!row) return undefined;
  if (row.holder === holder) {
    const held = { id: row.id, holder };
    return {
      outcome: "claimed",
      id: row.id,
      finish: (answer) => finish(deps, held, answer),
      release: () => release(deps, held),
    };
  }
  if (!row.isSame) {
    throw new DomainError(
      "CONFLICT",
      `Cannot use idempotency key "${request.key}" again: it was used for another request`,
    );
  }
  if (row.status === null) return undefined;
  const answer = { status: row.status, contentType: row.contentType ?? "", body: row.body ?? "" };
  return { outcome: "answered", answer };
}

/** The row when it is ours now: new, out of date, or left behind by a node that died. */
async function insertOrTakeOver(
  { database, clock, newId }: IdempotencyDeps,
  request: IdempotentRequest,
  holder: string,
): Promise<KeyRow | undefined> {
  const { actor, route, key, requestHash } = request;
  const at = clock.now();
  const [row] = await database.sql<KeyRow[]>`
    insert into idempotency_keys as k (id, actor_kind, actor_id, route, key, request_hash,
      held_until, holder, created_at, expires_at)
    values (${newId()}, ${actor.kind}, ${actorId(request)}, ${route}, ${key}, ${requestHash},
      ${at + HOLD_MS}, ${holder}, ${at}, ${at + ANSWER_MS})
    on conflict (actor_id, actor_kind, route, key) do update set
      id = case when k.expires_at <= ${at} then excluded.id else k.id end,
      request_hash = excluded.request_hash, held_until = excluded.held_until,
      holder = excluded.holder, status = null, content_type = null, body = null,
      created_at = excluded.created_at, expires_at = excluded.expires_at
    where k.expires_at <= ${at}
      or (k.status is null and k.held_until <= ${at} and k.request_hash = excluded.request_hash)
    returning id, holder, true as "isSame", status, content_type as "contentType", body`;
  return row;
}

async function find(
  { database }: IdempotencyDeps,
  request: IdempotentRequest,
): Promise<KeyRow | undefined> {
  const { actor, route, key, requestHash } = request;
  const [row] = await database.sql<KeyRow[]>`
    select id, holder, request_hash = ${requestHash} as "isSame", status,
      content_type as "contentType", body
    from idempotency_keys
    where actor_id = ${actorId(request)} and actor_kind = ${actor.kind} and route = ${route}
      and key = ${key}`;
  return row;
}

interface Held {
  id: string;
  holder: string;
}

async function finish(
  { database }: IdempotencyDeps,
  { id, holder }: Held,
  { status, contentType, body }: StoredAnswer,
): Promise<void> {
  await database.sql`
    update idempotency_keys set status = ${status}, content_type = ${contentType}, body = ${body}
    where id = ${id} and holder = ${holder}`;
}

async function release({ database }: IdempotencyDeps, { id, holder }: Held): Promise<void> {
  await database.sql`
    delete from idempotency_keys where id = ${id} and holder = ${holder} and status is null`;
}

async function sweep({ database, clock }: IdempotencyDeps): Promise<number> {
  const { count } = await database.sql`
    delete from idempotency_keys where id in (
      select id from idempotency_keys where expires_at <= ${clock.now()} limit ${SWEEP_ROWS_MAX})`;
  return count;
}
