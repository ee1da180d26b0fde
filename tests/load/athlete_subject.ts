/** The product with a competition of steps, and athletes whose devices sync. */

import { openDatabase } from "@/db/client.ts";
import { DAY_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { logIn, makeCompetition } from "../support/product_api.ts";
import { addPeople } from "./people.ts";
import { TOKEN_SECRET, tokensOf } from "./session_tokens.ts";
import { ADMIN, ENV, startStored, type Subject } from "./subjects.ts";

export interface AthleteSubject extends Subject {
  /** Of athletes who send; there may be many more who do not. */
  tokens: string[];
  /** Where days begin that count. */
  startsAt: number;
}

/** Senders in turn: each comes again after a while, as with people. */
const SENDERS = 1_000;
/** Days that count: a season. */
const DAYS = 120;

export async function startAthletes(
  root: string | undefined,
  members: number,
): Promise<AthleteSubject> {
  const stack = new AsyncDisposableStack();
  try {
    const env = { ...ENV, JWT_SECRETS: TOKEN_SECRET };
    const { product, server } = await startStored(stack, root, env);
    const token = await logIn(product.url, ADMIN);
    const startsAt = Math.floor(systemClock.now() / DAY_MS - DAYS) * DAY_MS;
    const { id: competitionId } = await makeCompetition(product.url, token, {
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(systemClock.now() + DAY_MS).toISOString(),
      scoring: { kind: "activity", metric: "steps", aggregate: "total" },
    });
    await using database = await openDatabase({ url: server.url, poolMax: 2 });
    const log = createCompetitionLog({ database, clock: systemClock });
    const newId = createIdGenerator(systemClock);
    const userIds = await addPeople(database, { log, newId, competitionId, members });
    return {
      ...{ port: product.port, pids: [product.pid, server.pid], startsAt },
      tokens: await tokensOf(database, userIds.slice(0, SENDERS)),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
