/** What kill −9 costs: nothing that was acknowledged. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { makeDataDir, type Product, startProduct } from "../support/product.ts";
import { ask, dataOf, logIn, makeCompetition, makeParticipant } from "../support/product_api.ts";

const ADMIN = { email: "boss@example.org", password: "quiet-lantern-42-harbour" };
const ENV = {
  DEMO: "off",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  RATE_LIMIT_SCORE: "off",
};
const ROUNDS = 3;
const SENDERS = 4;

/** Acknowledged before the kill, so that it comes into the midst of work. */
const ACKNOWLEDGED_MIN = 40;

/** What every sender knows. */
interface Race {
  product: Product;
  token: string;
  competitionId: string;
  userId: string;
  /** Key → number of the log entry. */
  acknowledged: Map<string, number>;
  round: number;
}

Deno.test("kill -9 in the midst of updates loses nothing acknowledged", async () => {
  await using folder = await makeDataDir();
  const acknowledged = new Map<string, number>();
  let known: Pick<Race, "competitionId" | "userId"> | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const product = await startProduct(ENV, { dataDir: folder.path });
    if (round > 0) assertMatch(product.output(), /is used again/);
    const token = await logIn(product.url, ADMIN);
    known ??= await makeBoard(product, token);
    const race = { product, token, ...known, acknowledged, round };
    await checkKept(race);
    await sendUntilKilled(race);
  }

  await using product = await startProduct(ENV, { dataDir: folder.path });
  const token = await logIn(product.url, ADMIN);
  await checkKept({ product, token, ...known!, acknowledged, round: ROUNDS });
});

async function makeBoard({ url }: Product, token: string) {
  const scoring = { kind: "direct", operator: "increment", direction: "higher" };
  const { id } = await makeCompetition(url, token, { scoring });
  return { competitionId: id, userId: await makeParticipant(url, id, "Ada Aalto") };
}

function send({ product, token, competitionId, userId }: Race, key: string) {
  const body = { competitionId, userId, score: 1, idempotencyKey: key };
  return ask(product.url, "/leaderboard/update", { token, body });
}

async function sendUntilKilled(race: Race): Promise<void> {
  const { product, acknowledged, round } = race;
  const before = acknowledged.size;
  const sender = async (name: number) => {
    for (let count = 0;; count++) {
      const key = `${round}-${name}-${count}`;
      const answer = await send(race, key).catch(() => undefined);
      if (!answer) return; // The process is gone.
      acknowledged.set(key, dataOf(answer).offset);
      if (acknowledged.size - before === ACKNOWLEDGED_MIN) product.kill("SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, name) => sender(name)));
  await product.ended;
}

/** Every acknowledged event is there under its number, and counts once; what was not heard may be. */
async function checkKept(race: Race): Promise<void> {
  const { product, competitionId, acknowledged } = race;
  const board = dataOf(await ask(product.url, `/leaderboard/${competitionId}`));
  const score = board.rows[0].score ?? 0;
  const unheardMax = SENDERS * race.round;
  assert(score >= acknowledged.size && score <= acknowledged.size + unheardMax, `score ${score}`);
  for (const [key, offset] of [...acknowledged].slice(-SENDERS)) {
    assertEquals(dataOf(await send(race, key)).offset, offset, key);
  }
  const after = dataOf(await ask(product.url, `/leaderboard/${competitionId}`));
  assertEquals(after.rows[0].score ?? 0, score);
}
