/** The product with people who have money, and with competitions to join, some of them for a fee. */

import { type Database, openDatabase } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { addPayers, createTestLedger } from "../support/money.ts";
import { logIn, makeCompetition } from "../support/product_api.ts";
import { TOKEN_SECRET, tokensOf } from "./session_tokens.ts";
import { ADMIN, ENV, startStored, type Subject } from "./subjects.ts";

export interface JoinSubject extends Subject {
  /** Of people with full wallets. */
  tokens: string[];
  /** The same people. */
  userIds: string[];
  /** Of somebody who may move their money. */
  financeToken: string;
  /** Competitions without and with a fee. */
  freeIds: string[];
  paidIds: string[];
}

/** Everybody joins one after the other: their product is how many joins there are. */
const PEOPLE = 1_000;
const COMPETITIONS = 40;
const FEE_MINOR = 500n;

export async function startJoins(root: string | undefined): Promise<JoinSubject> {
  const stack = new AsyncDisposableStack();
  try {
    const { product, server } = await startStored(stack, root, {
      ...ENV,
      JWT_SECRETS: TOKEN_SECRET,
    });
    const token = await logIn(product.url, ADMIN);
    await using database = await openDatabase({ url: server.url, poolMax: 2 });
    const competitions = async (fields: Record<string, unknown>) => {
      const times = { startsAt: inDays(1), endsAt: inDays(2) };
      const { id } = await makeCompetition(product.url, token, { ...times, ...fields });
      return await copyCompetition(database, id);
    };
    const entryFee = { currency: "EUR", amountMinor: `${FEE_MINOR}` };
    return {
      ...{ port: product.port, pids: [product.pid, server.pid] },
      ...await addSpenders(database),
      financeToken: token,
      freeIds: await competitions({}),
      paidIds: await competitions({ entryFee }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function inDays(days: number): string {
  return new Date(systemClock.now() + days * DAY_MS).toISOString();
}

/** Published competitions like the given one; their logs begin with who joins. */
async function copyCompetition({ sql }: Database, templateId: string): Promise<string[]> {
  const ids = Array.from({ length: COMPETITIONS }, () => crypto.randomUUID());
  for (const id of ids) {
    const own = { id, slug: `load-${id}`, epoch: crypto.randomUUID() };
    await sql`
      insert into competitions
      select (jsonb_populate_record(c, ${JSON.stringify(own)}::text::jsonb)).*
      from competitions c where c.id = ${templateId}`;
  }
  return ids;
}

async function addSpenders(
  database: Database,
): Promise<Pick<JoinSubject, "tokens" | "userIds">> {
  const ledger = createTestLedger(database, systemClock);
  const amountMinor = FEE_MINOR * BigInt(COMPETITIONS);
  const userIds = await addPayers(database, PEOPLE, { ...ledger, amountMinor });
  return { userIds, tokens: await tokensOf(database, userIds) };
}
