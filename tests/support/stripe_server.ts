/**
 * A server that speaks as much of Stripe's protocol as the driver does: forms in, objects out, keys
 * of idempotency with their fault for other parameters, books, and signed events. Faults are asked
 * for by the test, before or after the effect of a call.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** What a call runs into; `cut` breaks the answer off, `hang` gives none at all. */
export interface StripeFault {
  path: RegExp;
  kind: "status" | "cut" | "hang";
  /** Whether the call took effect all the same. */
  isAfter?: boolean;
  status?: number;
  error?: Record<string, unknown>;
  times?: number;
}

type Fields = Record<string, unknown> & { id: string };

export interface StripeServer extends AsyncDisposable {
  url: string;
  /** Every call that came, `POST /v1/customers`. */
  calls: string[];
  faults: StripeFault[];
  objects: Map<string, Fields>;
  /** How many objects of a kind there are: `transfer`. */
  count(kind: string): number;
  /** Somebody pays at the page or by the secret; gives the event. */
  pay(reference: string): Fields;
  /** Makes an event about an object. */
  event(type: string, object: Fields, part?: Record<string, unknown>): Fields;
  /** A movement in Stripe's own books. */
  book(type: string, amount: number, currency?: string): void;
  /** A message as it would be posted to the webhook. */
  sign(event: unknown, by: { secret: string; at: number }): { body: string; signature: string };
}

/** A transfer as its events show it once these parts of it were taken back. */
export function takenBack(transfer: Fields, ...amounts: readonly number[]): Fields {
  const data = amounts.map((amount, index) => ({
    ...{ id: `trr_${transfer.id}_${index}`, object: "transfer_reversal", amount },
  }));
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  const reversals = { object: "list", data, "has_more": false };
  const reversed = sum === transfer["amount"];
  return { ...transfer, reversed, "amount_reversed": sum, reversals };
}

const HANG_MS_MAX = 30_000;

/** Starts the server on a free port. */
export function startStripeServer(): StripeServer {
  const state = createState();
  const ends = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (req) => {
      const { pathname } = new URL(req.url);
      state.calls.push(`${req.method} ${pathname}`);
      const form = new URLSearchParams(req.method === "POST" ? await req.text() : "");
      const fault = takeFault(state.faults, pathname);
      if (fault && !fault.isAfter) return await faulty(fault, ends.signal);
      const answer = keyed(state, req, pathname, form);
      return fault ? await faulty(fault, ends.signal) : answer;
    },
  );
  return {
    ...state,
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    count: (kind) => [...state.objects.values()].filter(({ object }) => object === kind).length,
    pay: (reference) => pay(state, reference),
    event: (type, object, part) => eventOf(state, type, object, part),
    book: (type, amount, currency = "eur") => book(state, type, amount, currency),
    sign,
    async [Symbol.asyncDispose]() {
      ends.abort();
      await server.shutdown();
    },
  };
}

interface ServerState {
  calls: string[];
  faults: StripeFault[];
  objects: Map<string, Fields>;
  answers: Map<string, { form: string; status: number; body: string }>;
  ledger: Fields[];
  nextId(prefix: string): string;
}

function createState(): ServerState {
  let last = 0;
  const run = crypto.randomUUID().slice(0, 8);
  return {
    calls: [],
    faults: [],
    objects: new Map(),
    answers: new Map(),
    ledger: [],
    nextId: (prefix) => `${prefix}_${run}${++last}`,
  };
}

function takeFault(faults: StripeFault[], path: string): StripeFault | undefined {
  const index = faults.findIndex((fault) => fault.path.test(path));
  const fault = faults[index];
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times === 0) faults.splice(index, 1);
  return fault;
}

async function faulty(fault: StripeFault, end: AbortSignal): Promise<Response> {
  if (fault.kind === "status") return refusal(fault.status ?? 500, fault.error ?? {});
  if (fault.kind === "hang") {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, HANG_MS_MAX);
      end.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return refusal(500, {});
  }
  // Bytes that end before they mean anything, as when the connection breaks off.
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  return new Response(new Uint8Array([0x1f, 0x8b, 8, 0]), { headers });
}

function refusal(status: number, error: Record<string, unknown>): Response {
  const type = status === 402
    ? "card_error"
    : status >= 500
    ? "api_error"
    : "invalid_request_error";
  return Response.json({ error: { type, message: "Refused by the test", ...error } }, { status });
}

/** The same key answers the same, with other parameters a fault, as Stripe documents it. */
function keyed(
  state: ServerState,
  req: Request,
  path: string,
  form: URLSearchParams,
): Response {
  const key = req.headers.get("idempotency-key");
  const before = key === null ? undefined : state.answers.get(key);
  if (before && before.form !== `${path}?${form}`) {
    return refusal(400, { type: "idempotency_error" });
  }
  const json = { "content-type": "application/json" };
  if (before) return new Response(before.body, { status: before.status, headers: json });
  const [status, object] = act(state, req, path, form);
  const body = JSON.stringify(object);
  if (key !== null) state.answers.set(key, { form: `${path}?${form}`, status, body });
  return new Response(body, { status, headers: json });
}

type Answer = [status: number, object: unknown];

function act(state: ServerState, req: Request, path: string, form: URLSearchParams): Answer {
  const [, resource = "", id, verb] = /^\/v1\/(checkout\/sessions|[a-z_]+)(?:\/(\w+)(?:\/(\w+))?)?$/
    .exec(path) ?? [];
  const query = new URL(req.url).searchParams;
  if (req.method === "GET" && id === undefined) return [200, list(state, resource, query)];
  if (id !== undefined) return onOne(state, id, verb);
  const customer = form.get("customer");
  if (customer !== null && !state.objects.has(customer)) {
    const param = "customer";
    const missing = { type: "invalid_request_error", code: "resource_missing", param };
    return [400, { error: { ...missing, message: "No such customer" } }];
  }
  const make = MAKERS[resource];
  if (!make) return [404, { error: { type: "invalid_request_error", message: "No such path" } }];
  const object = make(state, form);
  if (!("error" in object)) state.objects.set(object.id, object);
  return ["error" in object ? 400 : 200, object];
}

function onOne(state: ServerState, id: string, verb: string | undefined): Answer {
  const object = state.objects.get(id);
  if (!object) {
    const error = { type: "invalid_request_error", code: "resource_missing", message: "None" };
    return [404, { error }];
  }
  if (verb === "expire" || verb === "cancel") {
    if (object["status"] !== "open" && object["status"] !== "requires_payment_method") {
      return [400, { error: { type: "invalid_request_error", message: "It is over" } }];
    }
    object["status"] = verb === "expire" ? "expired" : "canceled";
  }
  return [200, object];
}

type Maker = (state: ServerState, form: URLSearchParams) => Fields;

const MAKERS: Record<string, Maker> = {
  customers: (state, form) => made(state, "cus", "customer", form),
  "checkout/sessions": (state, form) => {
    const session = made(state, "cs_test", "checkout.session", form);
    return {
      ...session,
      url: `https://checkout.example/${session.id}`,
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
      currency: form.get("line_items[0][price_data][currency]"),
      amount_total: Number(form.get("line_items[0][price_data][unit_amount]")),
    };
  },
  "payment_intents": (state, form) => {
    const intent = made(state, "pi", "payment_intent", form);
    const clientSecret = `${intent.id}_secret`;
    return {
      ...intent,
      ...amountIn(form),
      "client_secret": clientSecret,
      status: "requires_payment_method",
    };
  },
  refunds: (state, form) => {
    const refund = made(state, "re", "refund", form);
    const intent = state.objects.get(form.get("payment_intent") ?? "");
    const amount = Number(form.get("amount"));
    const currency = String(intent?.["currency"]);
    book(state, "refund", -amount, currency);
    const rest = { amount, currency, "payment_intent": intent?.id, status: "succeeded" };
    return { ...refund, ...rest };
  },
  accounts: (state, form) => ({
    ...made(state, "acct", "account", form),
    capabilities: { transfers: "inactive" },
    "payouts_enabled": false,
    requirements: { "disabled_reason": null },
  }),
  "account_links": (state, form) => {
    const link = made(state, "link", "account_link", form);
    return { ...link, url: `https://connect.example/${form.get("account")}` };
  },
  transfers: (state, form) => {
    const transfer = made(state, "tr", "transfer", form);
    const money = amountIn(form);
    book(state, "transfer", -money.amount, money.currency);
    const group = form.get("transfer_group");
    const reversals = { object: "list", data: [], "has_more": false };
    const none = { reversed: false, "amount_reversed": 0, reversals };
    return { ...transfer, ...money, transfer_group: group, ...none };
  },
};

function made(state: ServerState, prefix: string, object: string, form: URLSearchParams): Fields {
  const metadata = Object.fromEntries(
    [...form].flatMap(([name, value]) => {
      const [, key] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
      return key === undefined ? [] : [[key, value]];
    }),
  );
  return { id: state.nextId(prefix), object, metadata };
}

function amountIn(form: URLSearchParams): { amount: number; currency: string } {
  return { amount: Number(form.get("amount")), currency: form.get("currency") ?? "" };
}

function list(state: ServerState, resource: string, query: URLSearchParams) {
  const all = resource === "balance_transactions"
    ? state.ledger.toReversed()
    : [...state.objects.values()].filter((one) =>
      one["object"] === resource.replace(/s$/, "") &&
      one["transfer_group"] === query.get("transfer_group")
    );
  const after = all.findIndex(({ id }) => id === query.get("starting_after")) + 1;
  const limit = Number(query.get("limit") ?? 10);
  const data = all.slice(after, after + limit);
  return { object: "list", data, has_more: after + limit < all.length, url: `/v1/${resource}` };
}

function book(state: ServerState, type: string, amount: number, currency: string): void {
  const id = state.nextId("txn");
  state.ledger.push({ id, object: "balance_transaction", type, amount, currency });
}

function pay(state: ServerState, reference: string): Fields {
  const paid = state.objects.get(reference)!;
  const isSession = paid["object"] === "checkout.session";
  const amount = Number(isSession ? paid["amount_total"] : paid["amount"]);
  const intent: Fields = isSession
    ? { id: state.nextId("pi"), object: "payment_intent", metadata: paid["metadata"] }
    : paid;
  const { currency } = paid;
  Object.assign(intent, { amount, currency, amount_received: amount, status: "succeeded" });
  state.objects.set(intent.id, intent);
  if (isSession) {
    Object.assign(paid, { status: "complete", payment_status: "paid", payment_intent: intent.id });
  }
  book(state, "charge", amount, String(currency));
  return eventOf(state, "payment_intent.succeeded", intent);
}

function eventOf(
  state: ServerState,
  type: string,
  object: Fields,
  part: Record<string, unknown> = {},
): Fields {
  const data = { object: structuredClone(object) };
  const shared = { object: "event", created: 1_767_225_600, livemode: false };
  return { id: state.nextId("evt"), ...shared, type, data, ...part };
}

function sign(event: unknown, { secret, at }: { secret: string; at: number }) {
  const body = JSON.stringify(event);
  const seconds = Math.floor(at / 1000);
  const hash = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return { body, signature: `t=${seconds},v1=${hash}` };
}
