/**
 * Members, finance and an organiser who move money through the API of a node that dies and whose
 * database comes and goes. Whoever hears no answer sends the same again under the same key.
 *
 * @module
 */

import type { Database } from "@/db/client.ts";
import type { Role } from "@/domain/actor.ts";
import { DAY_MS, MINUTE_MS } from "@/domain/time.ts";
import { systemClock } from "@/platform/clock.ts";
import { createAccessTokens } from "@/platform/jwt.ts";
import { createUser } from "./users.ts";
import { addPayers } from "./money.ts";

/** Somebody with a token. */
export interface Person {
  userId: string;
  token: string;
  /** What was not acknowledged yet. */
  open?: Operation | undefined;
}

/** One request, the same each time that it is sent. */
export interface Operation {
  method: "POST" | "PUT" | "DELETE";
  path: string;
  key: string;
  body?: unknown;
}

/** The order that an acknowledged operation was told. */
export interface Told {
  userId: string;
  key: string;
  orderId: string;
}

export interface MembersOptions {
  random: () => number;
  /** Where the node stands now. */
  url: () => string;
  database: Database;
}

/** As `createTestServices` makes them. */
const tokens = createAccessTokens({
  secrets: ["a test secret of at least thirty-two characters"],
  issuer: "paceboard",
  audience: "paceboard",
  ttlMs: 15 * MINUTE_MS,
  clock: systemClock,
});

/** What the API answers to somebody who must come again. */
const AGAIN: ReadonlySet<number> = new Set([429, 503]);
const REFUSED_PAUSE_MS = 20;
/** One acknowledged operation in so many is sent again, to hear the same. */
const REPEAT_ODDS = 0.2;
/** A node that hangs is as good as one that is gone; longer than the database's own patience. */
const ANSWER_TIMEOUT_MS = 20_000;

/** Makes people with sessions. */
export async function addPeople(
  database: Database,
  count: number,
  role: Role = "member",
): Promise<Person[]> {
  const userIds = role === "member"
    ? await addPayers(database, count, { fill: () => Promise.resolve(), amountMinor: 0n })
    : [await createUser(database, { role })];
  const at = systemClock.now();
  return await Promise.all(userIds.map(async (userId) => {
    const sessionId = crypto.randomUUID();
    await database.sql`
      insert into sessions (id, user_id, kind, created_at, expires_at)
      values (${sessionId}, ${userId}, 'api', ${at}, ${at + DAY_MS})`;
    return { userId, token: await tokens.sign({ userId, sessionId, role }) };
  }));
}

/** Everybody who moves money, over all lives of the node. */
export class MoneyMembers {
  acknowledged = 0;
  /** Requests sent, heard or not. */
  sent = 0;
  readonly told: Told[] = [];
  /** Answers that nobody may get. */
  readonly surprises: string[] = [];
  /** How often each outcome was heard. */
  readonly outcomes: Record<string, number> = {};
  readonly #options: MembersOptions;
  #count = 0;

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** Sends what the person has open, or else what `invent` makes; tells whether it was answered. */
  async act(
    person: Person,
    invent: () => Omit<Operation, "key">,
  ): Promise<OrderAnswer | undefined> {
    const operation = person.open ??= { ...invent(), key: `storm-${++this.#count}` };
    const answer = await this.#send(person, operation);
    if (answer === undefined) return undefined;
    person.open = undefined;
    this.acknowledged += 1;
    if (this.#options.random() < REPEAT_ODDS) await this.#repeat(person, operation, answer);
    return answer;
  }

  /** The data of a read; undefined where it is not to be had just now. */
  // deno-lint-ignore no-explicit-any -- tests read what they expect
  async read({ token }: Person, path: string): Promise<any> {
    const response = await this.#fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return response?.status === 200 ? response.body.data : undefined;
  }

  async #repeat(person: Person, operation: Operation, before: OrderAnswer): Promise<void> {
    if (operation.method !== "POST") return;
    const again = await this.#send(person, operation);
    if (again === undefined || before.id === undefined || again.id === before.id) return;
    this.surprises.push(`${operation.path} ${operation.key}: ${before.id}, then ${again.id}`);
  }

  /** Undefined where it must be sent again. */
  async #send(person: Person, operation: Operation): Promise<OrderAnswer | undefined> {
    const { method, path, key, body } = operation;
    this.sent += 1;
    const headers = {
      "authorization": `Bearer ${person.token}`,
      "idempotency-key": key,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await this.#fetch(path, { method, headers, ...json });
    const isUnderWay = answer?.status === 409 && answer.headers.has("retry-after");
    if (answer === undefined || AGAIN.has(answer.status) || isUnderWay) {
      this.#note(`${answer?.status ?? "silence"}`);
      await new Promise((resolve) => setTimeout(resolve, REFUSED_PAUSE_MS));
      return undefined;
    }
    return this.#hear(person, operation, answer);
  }

  #hear(person: Person, operation: Operation, { status, body }: Answer): OrderAnswer {
    const code: string = body?.error?.code ?? "ok";
    this.#note(`${status} ${code}`);
    if (status >= 500 || code === "VALIDATION_ERROR" || status === 401) {
      this.surprises.push(`${operation.path}: ${status} ${JSON.stringify(body)}`);
    }
    const id = status < 300 && operation.path === "/orders" ? body.data.id : undefined;
    if (id) this.told.push({ userId: person.userId, key: operation.key, orderId: id });
    return { status, id, code };
  }

  #note(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer | undefined> {
    try {
      const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
      const response = await fetch(`${this.#options.url()}/api/v1${path}`, { ...init, signal });
      return { status: response.status, headers: response.headers, body: await response.json() };
    } catch {
      // Nobody is there, or the connection broke under the answer.
      return undefined;
    }
  }
}

/** An operation's answer, as far as it must be the same each time. */
export interface OrderAnswer {
  status: number;
  code: string;
  /** Of the order. */
  id: string | undefined;
}

interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests read what they expect
  body: any;
}
