/** Tokens of people who never signed in: their sessions are written straight into the database. */

import type { Database } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { createAccessTokens } from "@/platform/jwt.ts";

/** What the product under load must be started with, so that it knows the tokens. */
export const TOKEN_SECRET = "R7fdM2kqZ0sXy8PbL4wNvT1cJ6hGaE9uQ3iO5rYt";

const tokens = createAccessTokens({
  secrets: [TOKEN_SECRET],
  issuer: "paceboard",
  audience: "paceboard",
  ttlMs: DAY_MS,
  clock: systemClock,
});

/** A token for each, good for a day. */
export async function tokensOf(
  { sql }: Pick<Database, "sql">,
  userIds: readonly string[],
): Promise<string[]> {
  const at = systemClock.now();
  return await Promise.all(userIds.map(async (userId) => {
    const sessionId = crypto.randomUUID();
    await sql`
      insert into sessions (id, user_id, kind, created_at, expires_at)
      values (${sessionId}, ${userId}, 'api', ${at}, ${at + DAY_MS})`;
    return await tokens.sign({ userId, sessionId, role: "member" });
  }));
}
