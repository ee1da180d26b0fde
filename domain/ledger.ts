/**
 * The ledger's rules: double entry with signed postings. Every transaction sums to zero in each
 * currency, so that all books together always do; a balance is the sum of an account's postings.
 * Nothing is changed or removed: a mistake is reversed, what was only reserved is posted or voided
 * by a further transaction. The database enforces the same rules once more.
 *
 * Sign: above zero the account holds money. Money comes in as clearing −, wallet +, so that the
 * balance of clearing is what the gateway must hold for us, negated.
 *
 * @module
 */

/** What accounts there are. Whose: wallet and receivable a user's, escrow, pool, organiser and
 * sponsor a competition's, fees the platform's, payable an order's, clearing a gateway's. */
export const ACCOUNT_KINDS = [
  "wallet",
  "receivable",
  "escrow",
  "pool",
  "organiser",
  "sponsor",
  "fees",
  "payable",
  "clearing",
] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** Names one account; the owner follows from the kind. */
export type AccountName =
  & { currency: string }
  & (
    | { kind: "wallet" | "receivable"; userId: string }
    | { kind: "escrow" | "pool" | "organiser" | "sponsor"; competitionId: string }
    | { kind: "fees" }
    | { kind: "payable"; orderId: string }
    | { kind: "clearing"; gateway: string }
  );

/** A change of one account: above zero it receives, below it gives. */
export interface Posting {
  account: AccountName;
  amountMinor: bigint;
}

/**
 * `posted` counts at once; `pending` reserves what it takes until `post` makes it count or `void`
 * lets it go.
 */
export const TRANSACTION_PHASES = ["posted", "pending", "post", "void"] as const;
/** Why money moved. */
export const TRANSACTION_KINDS = [
  "top_up",
  "entry",
  "entry_refund",
  "pool",
  "sponsor",
  "prize",
  "rest",
  "claw_back",
  "recovery",
  "withdrawal",
  "payout",
  "payment_refund",
  "dispute",
  "reversal",
  "adjustment",
] as const;
export type TransactionKind = (typeof TRANSACTION_KINDS)[number];

/**
 * Whether a transaction of the kind may be taken back by itself. All others belong to an order, a
 * prize or a gateway's report, which have ways of their own to give back; reversed behind their
 * back they would be given back twice.
 */
export function isReversible(kind: TransactionKind): boolean {
  return kind === "adjustment" || kind === "recovery";
}

/** The most postings of one transaction: its commit checks them all. */
export const POSTINGS_MAX = 1_000;

/** One text for one account, for maps and for the order of locks.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { accountKey } from "@/domain/ledger.ts";
 *
 * assertEquals(accountKey({ kind: "wallet", userId: "mira", currency: "EUR" }), "wallet:mira:EUR");
 * ```
 */
export function accountKey(name: AccountName): string {
  return `${name.kind}:${ownerOf(name)}:${name.currency}`;
}

/** Whose account it is: the id or name that its kind goes by. */
export function ownerOf(name: AccountName): string {
  if ("userId" in name) return name.userId;
  if ("competitionId" in name) return name.competitionId;
  if ("orderId" in name) return name.orderId;
  return "gateway" in name ? name.gateway : "platform";
}

/** Throws `RangeError` unless the postings make a transaction: two or more, none of zero, and
 * zero in each currency. A caller that fails here is wrong, whoever asked it.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkPostings } from "@/domain/ledger.ts";
 *
 * const wallet = { kind: "wallet" as const, userId: "mira", currency: "EUR" };
 * const fees = { kind: "fees" as const, currency: "EUR" };
 * checkPostings([{ account: wallet, amountMinor: -5n }, { account: fees, amountMinor: 5n }]);
 * assertThrows(() => checkPostings([{ account: fees, amountMinor: 5n }]), RangeError);
 * ```
 */
export function checkPostings(postings: readonly Posting[]): void {
  if (postings.length < 2 || postings.length > POSTINGS_MAX) {
    throw new RangeError(`Cannot post ${postings.length} postings: 2 to ${POSTINGS_MAX} make one`);
  }
  const sums = new Map<string, bigint>();
  for (const { account: { currency }, amountMinor } of postings) {
    if (amountMinor === 0n) throw new RangeError("Cannot post an amount of zero");
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  }
  for (const [currency, sum] of sums) {
    if (sum !== 0n) throw new RangeError(`Cannot post: the ${currency} postings sum to ${sum}`);
  }
}

/** The postings of a plain move, without a posting of zero. */
export function moveOf(from: AccountName, to: AccountName, amountMinor: bigint): Posting[] {
  return [{ account: from, amountMinor: -amountMinor }, { account: to, amountMinor }];
}

/** The postings that undo others.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { moveOf, reversalOf } from "@/domain/ledger.ts";
 *
 * const wallet = { kind: "wallet" as const, userId: "mira", currency: "EUR" };
 * const fees = { kind: "fees" as const, currency: "EUR" };
 * assertEquals(reversalOf(moveOf(wallet, fees, 5n)).map((line) => line.amountMinor), [5n, -5n]);
 * ```
 */
export function reversalOf(postings: readonly Posting[]): Posting[] {
  return postings.map(({ account, amountMinor }) => ({ account, amountMinor: -amountMinor }));
}
