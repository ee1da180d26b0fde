/**
 * People at the pages of the test gateway of a running product: they pay, cannot pay or give up, and
 * connect accounts, each by the form that a browser would send.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { createToken, hashToken } from "@/platform/token.ts";
import { createPageClient, type PageClient } from "./page_client.ts";

export interface TestPayers {
  /** Somebody with an open payment acts; false where nobody has one, or the node did not answer. */
  act(): Promise<boolean>;
  /** Somebody goes to the gateway's page for their account. */
  connect(userId: string): Promise<void>;
}

export interface TestPayersOptions {
  database: Database;
  random: () => number;
  /** Where the product stands now. */
  url: () => string;
}

/** Those who neither pay nor fail give up. */
const PAYS = 0.85;
const FAILS = 0.1;
const CONNECTS = 0.9;

export function createTestPayers(options: TestPayersOptions): TestPayers {
  const { database: { sql }, random, url } = options;
  const browsers = new Map<string, PageClient>();
  const browserOf = async (userId: string) => {
    const known = browsers.get(userId) ?? await signIn(options, userId);
    browsers.set(userId, known);
    return known;
  };
  /** A node that is not there leaves everything as it was. */
  const submit = async (userId: string, path: string, choice: string) => {
    try {
      const browser = await browserOf(userId);
      await browser.get(path);
      return (await browser.post(path, { choice })).status < 400;
    } catch {
      return false;
    }
  };
  return {
    async act() {
      const open = await sql<{ reference: string; userId: string }[]>`
        select reference, user_id as "userId" from test_transfers
        where kind = 'payment' and state = 'open' order by reference limit 50`;
      const payment = open[Math.floor(random() * open.length)];
      if (!payment) return false;
      const draw = random();
      const choice = draw < PAYS ? "pay" : draw < PAYS + FAILS ? "fail" : "cancel";
      return await submit(payment.userId, `/checkout/${payment.reference}`, choice);
    },
    async connect(userId) {
      const path = `${url()}/me/wallet/payouts`;
      try {
        const browser = await browserOf(userId);
        await browser.get(new URL(path).pathname);
        await browser.post("/me/wallet/payouts", {});
      } catch {
        return;
      }
      const choice = random() < CONNECTS ? "connect" : "refuse";
      await submit(userId, `/checkout/accounts/test_acct_${userId}`, choice);
    },
  };
}

async function signIn({ database, url }: TestPayersOptions, userId: string): Promise<PageClient> {
  const cookie = createToken();
  const at = systemClock.now();
  await database.sql`
    insert into sessions (id, user_id, kind, cookie_hash, created_at, expires_at)
    values (${crypto.randomUUID()}, ${userId}, 'browser', decode(${hashToken(cookie)}, 'hex'),
      ${at}, ${at + DAY_MS})`;
  const client = createPageClient({
    origin: url,
    fetch: (request) => fetch(request, { redirect: "manual" }),
  });
  client.cookies.set("paceboard_session", cookie);
  return client;
}
