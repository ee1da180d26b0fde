/**
 * Clients that send score updates as fast as they are answered, each update under its key, and send
 * again under the same key what was not acknowledged. They know what the product promised, so that a
 * test can hold its log against that.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { ask, dataOf, makeCompetition } from "@/tests/support/product_api.ts";
import type { ProductAnswer } from "@/tests/support/product_api.ts";
import { systemClock } from "@/platform/clock.ts";
import { verifyAll } from "@/tools/verify_leaderboards.ts";

/** Where and as whom to send. */
export interface Target {
  url: string;
  token: string;
}

/** The competitions and people that updates are for. */
export interface Field {
  competitionIds: string[];
  userIds: string[];
}

export interface ScoreLoadOptions {
  field: Field;
  /** From 0 up to, not including, 1. */
  random: () => number;
  /** In the keys, so that loads do not meet. */
  name?: string;
}

/** One update and what became of it. */
interface Sent {
  body: { competitionId: string; userId: string; score: number; idempotencyKey: string };
  offset?: number;
}

/** Clients that send one update at a time, and such that send several. */
const SINGLE_SENDERS = 24;
const BATCH_SENDERS = 4;
const BATCH_SIZE = 25;

/** Before a client comes again to a product that refused it. */
const REFUSED_PAUSE_MS = 50;

/** Makes competitions of increments, so that what counts twice shows, with the same people in each. */
export async function makeField(
  { url, token }: Target,
  { competitions, people }: { competitions: number; people: number },
): Promise<Field> {
  const scoring = { kind: "direct", operator: "increment", direction: "higher" };
  const made = [];
  for (let n = 0; n < competitions; n++) made.push(await makeCompetition(url, token, { scoring }));
  const competitionIds = made.map(({ id }) => id);
  const names = Array.from({ length: people }, (_, n) => `Runner ${n}`);
  const userIds = await Promise.all(names.map((name) => enter(url, name, competitionIds)));
  return { competitionIds, userIds };
}

/** Somebody new in all competitions; gives the user's id. */
async function enter(url: string, name: string, competitionIds: string[]): Promise<string> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  const body = { email, name, password: "quiet-lantern-42-harbour" };
  const { accessToken: token, user } = dataOf(await ask(url, "/auth/register", { body }));
  for (const id of competitionIds) {
    dataOf(await ask(url, `/competitions/${id}/join`, { token, body: {} }));
  }
  return user.id;
}

/** The clients of one test, over all restarts of the product. */
export class ScoreLoad {
  /** Updates acknowledged so far. */
  acknowledged = 0;
  /** Requests answered 503. */
  refused = 0;
  /** Requests without an answer. */
  unanswered = 0;
  /** Answers that were neither a success nor a refusal for now. */
  readonly surprises: string[] = [];
  readonly #options: ScoreLoadOptions;
  readonly #sent = new Map<string, Sent>();
  /** Keys to send again, before any new one. */
  #unheard: string[] = [];

  constructor(options: ScoreLoadOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sent.size;
  }

  /** Sends until it is told to stop, to whichever target each client is given. */
  async run(targets: readonly Target[], isOver: () => boolean): Promise<void> {
    const sender = async (index: number, size: number) => {
      const target = targets[index % targets.length]!;
      while (!isOver()) {
        const isAnswered = await this.#send(target, this.#take(size));
        if (!isAnswered && !isOver()) await pause(REFUSED_PAUSE_MS);
      }
    };
    const sizes = [
      ...Array<number>(SINGLE_SENDERS).fill(1),
      ...Array<number>(BATCH_SENDERS).fill(BATCH_SIZE),
    ];
    await Promise.all(sizes.map((size, index) => sender(index, size)));
  }

  /** Sends again whatever was not acknowledged, until everything is. */
  async settle(target: Target, deadlineMs = 60_000): Promise<void> {
    const deadline = performance.now() + deadlineMs;
    while (this.#unheard.length > 0) {
      const isAnswered = await this.#send(target, this.#unheard.splice(0, BATCH_SIZE));
      if (!isAnswered) await pause(REFUSED_PAUSE_MS);
      if (performance.now() > deadline) {
        throw new Error(`${this.#unheard.length} updates are refused for ${deadlineMs} ms`);
      }
    }
  }

  /** Sends so many acknowledged updates again; each must be answered as the first time. */
  async repeat(target: Target, count: number): Promise<void> {
    const known = [...this.#sent.values()].filter(({ offset }) => offset !== undefined);
    for (const { body } of known.slice(-count)) {
      if (!await this.#send(target, [body.idempotencyKey])) {
        throw new Error(`Key ${body.idempotencyKey} is refused`);
      }
    }
  }

  /** Everything that the log says otherwise than the clients were told; empty when all is well. */
  async differences(database: Database): Promise<string[]> {
    const rows = await database.sql<{ key: string; seq: number; competitionId: string }[]>`
      select idempotency_key as key, seq, competition_id as "competitionId" from competition_log
      where kind = 'score' and competition_id = any(${this.#options.field.competitionIds}::uuid[])
        and starts_with(idempotency_key, ${this.#prefix})`;
    const stored = new Map(rows.map((row) => [`${row.competitionId} ${row.key}`, row.seq]));
    const faults = [...this.surprises];
    if (stored.size !== rows.length) faults.push(`${rows.length - stored.size} counted twice`);
    for (const { body, offset } of this.#sent.values()) {
      const seq = stored.get(`${body.competitionId} ${body.idempotencyKey}`);
      if (offset !== undefined && seq === undefined) faults.push(`lost ${body.idempotencyKey}`);
      else if (offset !== seq) faults.push(`${body.idempotencyKey}: told ${offset}, stored ${seq}`);
    }
    if (stored.size > this.#sent.size) faults.push("something was stored that nobody sent");
    return [...faults, ...await wrongBoards(database)];
  }

  /** Of this load's keys; others may have written before it. */
  get #prefix(): string {
    return `${this.#options.name ?? "load"}-`;
  }

  #take(size: number): string[] {
    const keys = this.#unheard.splice(0, size);
    while (keys.length < size) keys.push(this.#invent());
    return keys;
  }

  #invent(): string {
    const { field, random } = this.#options;
    const pick = (ids: readonly string[]) => ids[Math.floor(random() * ids.length)]!;
    const idempotencyKey = `${this.#prefix}${this.#sent.size}`;
    const body = { competitionId: pick(field.competitionIds), userId: pick(field.userIds) };
    const score = 1 + Math.floor(random() * 9);
    this.#sent.set(idempotencyKey, { body: { ...body, score, idempotencyKey } });
    return idempotencyKey;
  }

  /** Tells false where the updates must be sent again. */
  async #send({ url, token }: Target, keys: readonly string[]): Promise<boolean> {
    const updates = keys.map((key) => this.#sent.get(key)!.body);
    const isOne = updates.length === 1;
    const path = isOne ? "/leaderboard/update" : "/leaderboard/update/batch";
    const body = isOne ? updates[0] : { updates };
    const answer = await ask(url, path, { token, body }).catch(() => undefined);
    const offsets = answer && offsetsOf(answer, isOne);
    if (!offsets) {
      if (answer === undefined) this.unanswered += 1;
      else if (answer.status === 503) this.refused += 1;
      else this.surprises.push(JSON.stringify(answer.body));
      this.#unheard.push(...keys.filter((key) => this.#sent.get(key)!.offset === undefined));
      return false;
    }
    for (const [index, key] of keys.entries()) this.#acknowledge(key, offsets[index]);
    return true;
  }

  #acknowledge(key: string, offset: number | undefined): void {
    const sent = this.#sent.get(key)!;
    if (offset === undefined) this.surprises.push(`${key} was refused`);
    else if (sent.offset === undefined) this.acknowledged += 1;
    else if (sent.offset !== offset) {
      this.surprises.push(`${key}: ${sent.offset} first, then ${offset}`);
    }
    if (offset !== undefined) sent.offset = offset;
  }
}

/** The numbers under which updates were stored; undefined where the request was not accepted. */
function offsetsOf({ status, body }: ProductAnswer, isOne: boolean) {
  if (status !== 200) return undefined;
  if (isOne) return [body.data.offset as number];
  const results = body.data.results as { update?: { offset: number } }[];
  return results.map(({ update }) => update?.offset);
}

/** Competitions whose chain is broken, or whose standings are not byte for byte those of their log. */
async function wrongBoards(database: Database): Promise<string[]> {
  const lines: string[] = [];
  const log = createCompetitionLog({ database, clock: systemClock });
  const tell = (line: string) => Promise.resolve(void lines.push(line));
  const differing = await verifyAll({ database, log }, { repair: false, tell });
  return differing === 0 ? [] : lines.filter((line) => !line.endsWith("as its log says"));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
