/**
 * What a gateway reports over its webhook. An event is stored under its id before it is booked, so
 * that it counts once however often it comes, and is booked later by a job where that failed.
 *
 * @module
 */

import { z } from "zod";
import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, MINUTE_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { getLog } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { GatewayNews, GatewayWebhook, PaymentEvent } from "./payment_gateway.ts";
import type { PaymentsService } from "./payments.ts";
import type { PayoutAccountsService } from "./payout_accounts.ts";

export interface GatewayEventsService {
  /**
   * Takes a message of the gateway; `isNew` is false where it was booked before. Fails with
   * `NOT_FOUND` without a gateway that reports so, and with `INVALID_SIGNATURE`.
   */
  receive(body: string, signature: string | null): Promise<{ isNew: boolean }>;
  /** Books what could not be booked when it came, and forgets what is too old to come again; gives the number booked. */
  resume(): Promise<number>;
}

export interface GatewayEventsDeps {
  database: Database;
  clock: Clock;
  metrics: Pick<Metrics, "gatewayEvents">;
  payments: Pick<PaymentsService, "handle">;
  payoutAccounts: Pick<PayoutAccountsService, "refresh">;
  /** Absent where no gateway reports by webhook. */
  webhook?: GatewayWebhook | undefined;
}

export function createGatewayEvents(deps: GatewayEventsDeps): GatewayEventsService {
  return {
    receive: (body, signature) => receive(deps, body, signature),
    resume: () => resume(deps),
  };
}

async function receive(
  deps: GatewayEventsDeps,
  body: string,
  signature: string | null,
): Promise<{ isNew: boolean }> {
  const { webhook, metrics } = deps;
  if (!webhook) {
    throw new DomainError("NOT_FOUND", "Cannot take the event: no gateway reports here");
  }
  const news = await webhook.read(body, signature).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "INVALID_SIGNATURE") {
      metrics.gatewayEvents.inc({ outcome: "bad_signature" });
    }
    throw error;
  });
  const isNew = await store(deps, news);
  if (isNew) await book(deps, news);
  else metrics.gatewayEvents.inc({ outcome: "repeated" });
  return { isNew };
}

/** Whether it is still to be booked: it is new, or was stored by somebody who did not get on. */
async function store({ database, clock }: GatewayEventsDeps, news: GatewayNews): Promise<boolean> {
  const { gateway, eventId, type, events, payoutAccount = null } = news;
  await database.sql`
    insert into gateway_events (gateway, event_id, type, events, payout_account, received_at)
    values (${gateway}, ${eventId}, ${type}, ${toJson(events)}::text::jsonb, ${payoutAccount},
      ${clock.now()})
    on conflict do nothing`;
  const [row] = await database.sql<{ isHandled: boolean }[]>`
    select handled_at is not null as "isHandled" from gateway_events
    where gateway = ${gateway} and event_id = ${eventId}`;
  return row?.isHandled === false;
}

/** Two that book the same at once do no harm: each event counts once in the ledger. */
async function book(deps: GatewayEventsDeps, news: GatewayNews): Promise<void> {
  let failure: string | null = null;
  try {
    for (const event of news.events) await deps.payments.handle(event);
    if (news.payoutAccount !== undefined) await deps.payoutAccounts.refresh(news.payoutAccount);
  } catch (error) {
    failure = (error instanceof Error ? error.message : String(error)).slice(0, FAILURE_MAX);
    const isForeign = error instanceof DomainError && error.code === "NOT_FOUND";
    // Orders are stored before a gateway hears of them: such an event is of another installation.
    if (!isForeign) {
      deps.metrics.gatewayEvents.inc({ outcome: "failed" });
      await note(deps, news, { failure, isHandled: false });
      throw error;
    }
    getLog("money").warning("The gateway reports an order that is not here", {
      eventId: news.eventId,
      type: news.type,
    });
  }
  const isMeant = news.events.length > 0 || news.payoutAccount !== undefined;
  deps.metrics.gatewayEvents.inc({ outcome: isMeant ? "booked" : "ignored" });
  await note(deps, news, { failure, isHandled: true });
}

const FAILURE_MAX = 500;

async function note(
  { database, clock }: GatewayEventsDeps,
  { gateway, eventId }: GatewayNews,
  { failure, isHandled }: { failure: string | null; isHandled: boolean },
): Promise<void> {
  await database.sql`
    update gateway_events
    set failure = ${failure}, handled_at = ${isHandled ? clock.now() : null}
    where gateway = ${gateway} and event_id = ${eventId} and handled_at is null`;
}

/** More than an outage of an hour leaves. */
const RESUME_MAX = 500;
/** Whoever received it may be at it still. */
const RESUME_AFTER_MS = MINUTE_MS;
/** Gateways repeat for days, people for weeks; the ledger's references outlast both. */
const KEEP_MS = 90 * DAY_MS;

interface StoredNews extends Pick<GatewayNews, "gateway" | "eventId" | "type"> {
  events: unknown;
  payoutAccount: string | null;
}

async function resume(deps: GatewayEventsDeps): Promise<number> {
  const { database, clock } = deps;
  const rows = await database.sql<StoredNews[]>`
    select gateway, event_id as "eventId", type, events, payout_account as "payoutAccount"
    from gateway_events
    where handled_at is null and received_at <= ${clock.now() - RESUME_AFTER_MS}
    order by received_at limit ${RESUME_MAX}`;
  let count = 0;
  for (const row of rows) {
    // What fails is noted with its row, and must not keep the others waiting.
    const events = fromJson(row.events);
    const isBooked = await book(deps, {
      ...row,
      events,
      payoutAccount: row.payoutAccount ?? undefined,
    })
      .then(() => true, () => false);
    if (isBooked) count++;
  }
  await database.sql`delete from gateway_events where handled_at < ${clock.now() - KEEP_MS}`;
  return count;
}

function toJson(events: readonly PaymentEvent[]): string {
  return JSON.stringify(events, (_key, value) => typeof value === "bigint" ? `${value}` : value);
}

const stored = z.array(
  z.looseObject({ amountMinor: z.string().transform(BigInt) }),
);

function fromJson(events: unknown): PaymentEvent[] {
  return stored.parse(events) as unknown as PaymentEvent[];
}
