/** Placing orders: a wallet pays at once, a gateway is asked after the order is stored. */

import { and, eq } from "drizzle-orm";
import { readAmount } from "@/contracts/money.ts";
import type { OrderInput, PlacedOrder } from "@/contracts/orders.ts";
import { orders } from "@/db/schema.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import { canonicalJson, type CanonicalValue } from "@/domain/canonical_json.ts";
import { entryFeeOf } from "@/domain/entry_fee.ts";
import { DomainError, invalid } from "@/domain/error.ts";
import { moveOf } from "@/domain/ledger.ts";
import { sha256 } from "@/platform/sha256.ts";
import { checkSignedIn } from "../accounts/access.ts";
import { getRow } from "../competitions/competition_access.ts";
import { LEDGER_FAULTS } from "./ledger.ts";
import type { OrdersDeps, PlaceOptions } from "./orders.ts";
import {
  getOrder,
  lockEntryOrder,
  lockLastEntryOrder,
  type NewOrder,
  orderNotice,
  type OrderRow,
} from "./order_rows.ts";
import { viewOrder } from "./order_view.ts";

type EntryInput = Extract<OrderInput, { kind: "entry" }>;

/** What an order carries so that the same request finds it again. */
interface RequestKey {
  idempotencyKey: string;
  requestHash: Uint8Array;
}

export async function placeOrder(
  deps: OrdersDeps,
  actor: Actor,
  input: OrderInput,
  options: PlaceOptions,
): Promise<PlacedOrder> {
  const user = checkSignedIn(actor);
  const key = options.idempotencyKey === undefined ? undefined : {
    idempotencyKey: options.idempotencyKey,
    requestHash: sha256(new TextEncoder().encode(canonicalJson(asJson(input)))),
  };
  const before = key && await findByKey(deps, user, key);
  // Refused before anything is stored; while nobody can tell, the order waits for a job.
  const isKnown = await deps.payments.knowsBuyer(user.userId);
  const order = before ?? await place(deps, user, input, { key, isKnown });
  return await withPayment(deps, order, isKnown);
}

/** The same order with the way to pay it: for whoever went away before paying. */
export async function resumeOrder(
  deps: OrdersDeps,
  actor: Actor,
  orderId: string,
): Promise<PlacedOrder> {
  const { userId } = checkSignedIn(actor);
  const order = await getOrder(deps.database.db, orderId);
  if (order.userId !== userId) {
    throw new DomainError("FORBIDDEN", "Cannot pay this order: it is somebody else's");
  }
  return await withPayment(deps, order, await deps.payments.knowsBuyer(userId));
}

async function withPayment(
  deps: OrdersDeps,
  order: OrderRow,
  isKnown: boolean,
): Promise<PlacedOrder> {
  const started = isKnown ? await deps.payments.start(order) : null;
  const { gateway } = deps;
  const payment = started && gateway
    ? {
      payUrl: started.payUrl,
      clientSecret: started.clientSecret,
      isTestMoney: gateway.isTestMoney,
    }
    : null;
  return { ...await viewOrder(deps, order), payment };
}

/** Without what is undefined, which the schema leaves where optionals are absent. */
function asJson(input: OrderInput): CanonicalValue {
  return JSON.parse(JSON.stringify(input));
}

async function findByKey(
  deps: OrdersDeps,
  { userId }: UserActor,
  { idempotencyKey, requestHash }: RequestKey,
): Promise<OrderRow | undefined> {
  const [row] = await deps.database.db.select().from(orders)
    .where(and(eq(orders.userId, userId), eq(orders.idempotencyKey, idempotencyKey)));
  if (!row || row.requestHash?.toHex() === requestHash.toHex()) return row;
  const message =
    `Cannot place the order: idempotency key "${idempotencyKey}" was used for another`;
  throw new DomainError("CONFLICT", message);
}

/** How an order is placed: under which key, and whether the buyer is known to be one. */
interface Placing {
  key: RequestKey | undefined;
  isKnown: boolean;
}

async function place(
  deps: OrdersDeps,
  user: UserActor,
  input: OrderInput,
  placing: Placing,
): Promise<OrderRow> {
  if (input.kind === "entry") return await placeEntry(deps, user, input, placing);
  const { key } = placing;
  if (!deps.gateway) {
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot move money: no payment gateway is set up");
  }
  const { currency, note } = input;
  const amountMinor = readAmount(input, currency, "amountMinor");
  if (amountMinor === 0n) throw invalid("amountMinor", "too_small", "An order is for something");
  const columns = { currency, amountMinor, note: note ?? null, ...key };
  return await store(deps, user, { ...columns, kind: input.kind, method: "gateway" }, key);
}

async function placeEntry(
  deps: OrdersDeps,
  user: UserActor,
  input: EntryInput,
  { key, isKnown }: Placing,
): Promise<OrderRow> {
  const { kind: _, method: __, note: ___, competitionId: idOrSlug, ...request } = input;
  const { entryFee } = await getRow(deps.database.db, idOrSlug);
  if (entryFee === null) throw isFree(idOrSlug);
  if (input.method === "wallet" && isKnown) {
    const { entry } = await deps.competitions.join(user, idOrSlug, request);
    return await keyedEntryOrder(deps, entry, { key, note: input.note });
  }
  if (input.method === "gateway" && !deps.gateway) {
    throw new DomainError("SERVICE_UNAVAILABLE", "Cannot move money: no payment gateway is set up");
  }
  const { competition, ordered } = await deps.competitions.checkJoin(user, idOrSlug, request);
  const { currency, amountMinor } = entryFeeOf(entryFee);
  const columns = { currency, amountMinor, note: input.note ?? null, ...key };
  return await store(deps, user, {
    ...columns,
    kind: "entry",
    method: input.method,
    competitionId: competition.id,
    entryRequest: ordered,
  }, key);
}

function isFree(idOrSlug: string): DomainError {
  return invalid("competitionId", "free", `Competition "${idOrSlug}" costs nothing: join it`);
}

/**
 * The order that joining made, with the key that asked for it. Where the fee was given back
 * meanwhile, or to somebody who stays in, it is that order.
 */
async function keyedEntryOrder(
  deps: OrdersDeps,
  entry: { competitionId: string; userId: string },
  { key, note }: { key: RequestKey | undefined; note: string | undefined },
): Promise<OrderRow> {
  return await deps.database.transaction(async (tx) => {
    const order = await lockEntryOrder(tx, entry) ?? await lockLastEntryOrder(tx, entry);
    if (!order) throw isFree(entry.competitionId);
    const change = { ...(order.idempotencyKey === null ? key : {}), ...(note ? { note } : {}) };
    if (Object.keys(change).length === 0) return order;
    const [row] = await tx.db.update(orders).set(change).where(eq(orders.id, order.id)).returning();
    return row!;
  }, { name: "place_order" });
}

type Columns = Omit<NewOrder, "id" | "userId" | "createdAt" | "updatedAt" | "status">;

/** Stores a pending order, or finds the one that stands in its place. */
async function store(
  deps: OrdersDeps,
  user: UserActor,
  columns: Columns,
  key: RequestKey | undefined,
): Promise<OrderRow> {
  const { userId } = user;
  const at = deps.clock.now();
  const stored = await deps.database.transaction(async (tx) => {
    const [row] = await tx.db.insert(orders).values({
      id: deps.newId(),
      userId,
      createdAt: at,
      updatedAt: at,
      gateway: columns.method === "gateway" ? deps.gateway?.name ?? null : null,
      ...columns,
    }).onConflictDoNothing().returning();
    if (!row) {
      const { competitionId } = columns;
      return competitionId ? await lockEntryOrder(tx, { competitionId, userId }) : undefined;
    }
    if (row.kind === "withdrawal") await reserve(deps, tx, { user, row });
    return row;
  }, { name: "place_order", constraints: WITHDRAWAL_FAULTS });
  const found = stored ?? (key && await findByKey(deps, user, key));
  if (found) return found;
  throw new DomainError("CONFLICT", "Cannot place the order: another came between");
}

const WITHDRAWAL_FAULTS = {
  ...LEDGER_FAULTS,
  ledger_balances_floor: {
    code: "INSUFFICIENT_FUNDS",
    message: "Cannot withdraw: the wallet holds less than that",
  },
} as const;

/** Sets the money aside until finance decides. */
async function reserve(
  deps: OrdersDeps,
  tx: Parameters<OrdersDeps["ledger"]["hold"]>[0],
  { user, row }: { user: UserActor; row: OrderRow },
): Promise<void> {
  const { id: orderId, userId, currency, amountMinor } = row;
  await deps.ledger.hold(tx, {
    kind: "withdrawal",
    reference: `withdrawal:${orderId}`,
    postings: moveOf(
      { kind: "wallet", userId, currency },
      { kind: "payable", orderId, currency },
      amountMinor,
    ),
    actor: user,
    orderId,
  });
  await deps.notices.tell(tx, [orderNotice(row, "withdrawal.requested")]);
}
