/**
 * A payment gateway with books of its own, outside of the product: it outlives the product's
 * deaths, fails before and after it has done what it was asked, never answers at times, and reports
 * late, twice and in any order. All of its moods follow from one seed.
 *
 * @module
 */

import type { GatewayTotal, PaymentEvent } from "@/services/money/payment_gateway.ts";

/** The bank's name in the books. */
export const BANK = "bank";

/** What the product asks, as it travels. */
export interface BankRequest {
  kind: "payment" | "cancel" | "refund" | "payout" | "totals";
  /** For `cancel` and `refund` the payment's reference. */
  orderId: string;
  currency: string;
  /** Digits: JSON has no such numbers. */
  amountMinor: string;
}

/** Money that went one way or the other for an order; out is negative. */
export interface BankEntry {
  kind: PaymentEvent["kind"];
  reference: string;
  orderId: string;
  currency: string;
  amountMinor: bigint;
}

export interface MoneyBank extends AsyncDisposable {
  url: string;
  /** Everything that moved, in its order. */
  entries: readonly BankEntry[];
  /** While true calls fail or hang at times. */
  isMoody: boolean;
  /** Reports not taken yet. */
  readonly waiting: number;
  /** Lets payers act and reports something to the address; tells whether it was taken. */
  report(url: string): Promise<boolean>;
  /** Money is given back or disputed without anybody having asked. */
  strike(): void;
}

interface Payment {
  reference: string;
  orderId: string;
  currency: string;
  amountMinor: bigint;
  state: "open" | "paid" | "over";
  /** What is not given back. */
  leftMinor: bigint;
}

/** Odds of the bank, out of one. */
const ODDS = {
  failsBefore: 0.08,
  failsAfter: 0.06,
  hangs: 0.02,
  paysAtOnce: 0.4,
  pays: 0.85,
  declines: 0.1,
  refusesPayout: 0.1,
  payoutFails: 0.15,
  payoutBounces: 0.15,
  repeats: 0.3,
};

/** Opens the bank on a free port. */
export function openMoneyBank(random: () => number): MoneyBank {
  const bank = new Bank(random);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => bank.answer(request),
  );
  return Object.assign(bank, {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

class Bank {
  readonly entries: BankEntry[] = [];
  isMoody = true;
  readonly #random: () => number;
  readonly #payments = new Map<string, Payment>();
  /** Whether each payout was taken on. */
  readonly #payouts = new Map<string, boolean>();
  /** What payers and other banks will do. */
  readonly #later: (() => void)[] = [];
  readonly #reports: Record<string, unknown>[] = [];
  #count = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  get waiting(): number {
    return this.#later.length + this.#reports.length;
  }

  async answer(request: Request): Promise<Response> {
    const asked: BankRequest = await request.json();
    if (asked.kind === "totals") return Response.json(this.#totals());
    if (this.#happens(ODDS.failsBefore)) return new Response(null, { status: 503 });
    const response = this.#serve(asked);
    // A body that never comes, until the caller has had enough.
    if (this.#happens(ODDS.hangs)) return new Response(new ReadableStream());
    return this.#happens(ODDS.failsAfter) ? new Response(null, { status: 504 }) : response;
  }

  async report(url: string): Promise<boolean> {
    this.#takeOne(this.#later)?.();
    const report = this.#takeOne(this.#reports);
    if (!report) return true;
    const body = JSON.stringify(report);
    const answer = await fetch(url, { method: "POST", body }).catch(() => undefined);
    await answer?.body?.cancel();
    const isTaken = answer?.ok === true;
    if (!isTaken || (this.isMoody && this.#random() < ODDS.repeats)) this.#reports.push(report);
    return isTaken;
  }

  strike(): void {
    const paid = [...this.#payments.values()].filter(({ leftMinor }) => leftMinor > 1n);
    const payment = paid[Math.floor(this.#random() * paid.length)];
    if (!payment) return;
    const isWhole = this.#random() < 0.5;
    const amountMinor = isWhole ? payment.leftMinor : payment.leftMinor / 2n;
    payment.leftMinor -= amountMinor;
    const [gone, back] = this.#random() < 0.5
      ? ["refunded", "refund_failed"] as const
      : ["disputed", "dispute_won"] as const;
    const entry = { ...payment, reference: `${gone}_${++this.#count}` };
    this.#book({ ...entry, kind: gone, amountMinor: -amountMinor });
    if (this.#random() < 0.4) {
      this.#later.push(() => this.#book({ ...entry, kind: back, amountMinor }));
    }
  }

  #happens(odds: number): boolean {
    return this.isMoody && this.#random() < odds;
  }

  #serve({ kind, orderId, currency, amountMinor }: BankRequest): Response {
    if (kind === "cancel") return this.#cancel(orderId);
    if (kind === "refund") return this.#giveBack(orderId, BigInt(amountMinor));
    const asked = { orderId, currency, amountMinor: BigInt(amountMinor) };
    return kind === "payment" ? this.#openPayment(asked) : this.#payOut(asked);
  }

  #openPayment(asked: Pick<Payment, "orderId" | "currency" | "amountMinor">): Response {
    const reference = `pay_${asked.orderId}`;
    if (!this.#payments.has(reference)) {
      const payment: Payment = { ...asked, reference, state: "open", leftMinor: 0n };
      this.#payments.set(reference, payment);
      const act = () => this.#actAsPayer(payment);
      if (this.#random() < ODDS.paysAtOnce) act();
      else this.#later.push(act);
    }
    return Response.json({ reference });
  }

  /** Some pay, some cannot, and some never come. */
  #actAsPayer(payment: Payment): void {
    if (payment.state !== "open") return;
    const draw = this.#random();
    if (draw < ODDS.pays) {
      Object.assign(payment, { state: "paid", leftMinor: payment.amountMinor });
      this.#book({ ...payment, kind: "captured" });
    } else if (draw < ODDS.pays + ODDS.declines) this.#fail(payment);
  }

  #fail(payment: Payment): void {
    payment.state = "over";
    this.#book({ ...payment, kind: "payment_failed", amountMinor: 0n });
  }

  #cancel(reference: string): Response {
    const payment = this.#payments.get(reference);
    if (payment?.state === "open") this.#fail(payment);
    return Response.json({});
  }

  /** Once a payment; what is gone already cannot be given back. */
  #giveBack(reference: string, amountMinor: bigint): Response {
    const payment = this.#payments.get(reference);
    const refund = `asked_${reference}`;
    if (!payment) return new Response(null, { status: 402 });
    if (!this.entries.some((entry) => entry.reference === refund)) {
      if (payment.leftMinor < amountMinor) return new Response(null, { status: 402 });
      payment.leftMinor -= amountMinor;
      const entry = { ...payment, reference: refund, amountMinor: -amountMinor };
      this.#book({ ...entry, kind: "refunded" });
    }
    return Response.json({ reference: refund });
  }

  #payOut(asked: Pick<Payment, "orderId" | "currency" | "amountMinor">): Response {
    const reference = `out_${asked.orderId}`;
    if (!this.#payouts.has(reference)) {
      const isTaken = this.#random() >= ODDS.refusesPayout;
      this.#payouts.set(reference, isTaken);
      if (isTaken) this.#later.push(() => this.#settlePayout({ ...asked, reference }));
    }
    if (!this.#payouts.get(reference)) return new Response(null, { status: 402 });
    return Response.json({ reference });
  }

  #settlePayout(payout: Omit<BankEntry, "kind">): void {
    const draw = this.#random();
    const amountMinor = -payout.amountMinor;
    if (draw < ODDS.payoutFails) {
      this.#book({ ...payout, kind: "payout_failed", amountMinor: 0n });
      return;
    }
    this.#book({ ...payout, kind: "payout_paid", amountMinor });
    if (draw > ODDS.payoutFails + ODDS.payoutBounces) return;
    this.#later.push(() => this.#book({ ...payout, kind: "payout_failed" }));
  }

  /** What happened is in the bank's books at once, and in ours when a report was taken. */
  #book({ kind, reference, orderId, currency, amountMinor }: BankEntry): void {
    this.entries.push({ kind, reference, orderId, currency, amountMinor });
    const size = amountMinor < 0n ? -amountMinor : amountMinor;
    const event = { kind, gateway: BANK, reference, orderId, currency, at: 0 };
    // Gateways tell the same in more than one event.
    const copies = this.#random() < ODDS.repeats ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const eventId = `evt_${++this.#count}`;
      this.#reports.push({ ...event, eventId, amountMinor: `${size}` });
    }
  }

  #takeOne<T>(list: T[]): T | undefined {
    return list.splice(Math.floor(this.#random() * list.length), 1)[0];
  }

  #totals() {
    return [...totalsOf(this.entries)].map(([currency, sum]) => ({
      currency,
      amountMinor: `${sum}`,
    }));
  }
}

/** What the entries come to, by currency. */
export function totalsOf(entries: readonly BankEntry[]): Map<string, GatewayTotal["amountMinor"]> {
  const totals = new Map<string, bigint>();
  for (const { currency, amountMinor } of entries) {
    totals.set(currency, (totals.get(currency) ?? 0n) + amountMinor);
  }
  return totals;
}
