/**
 * The broker over Redis: sharded pub/sub, so that on a Cluster a message crosses only the shard of
 * its key. Publishing never waits and is bounded; a Redis that is away opens a breaker. Channels
 * that cannot be subscribed now are tried again, and listeners are told whenever they may have
 * missed something.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import { SECOND_MS } from "@/domain/time.ts";
import { type Breaker, createBreaker } from "@/platform/breaker.ts";
import { getLog } from "@/platform/log.ts";
import type { Metrics } from "@/platform/metrics.ts";
import type { Timers } from "@/platform/timers.ts";
import type { Broker, MessageOutcome, Topic, TopicListener } from "@/services/boards/broker.ts";
import type { RedisConnection } from "./redis.ts";

/** What a node's broker stands on. */
export interface RedisBrokerDeps {
  /** Ended by whoever opened it. */
  connection: RedisConnection;
  timers: Timers;
  /** Random, so that the node knows its own messages. */
  nodeId: string;
  metrics: Pick<Metrics, "brokerMessages" | "breakerState" | "breakerFailures">;
}

/** Messages on their way; what comes on top while Redis is slow would be old when it arrives. */
const PUBLISHING_MAX = 256;
/** How soon a channel that could not be subscribed is tried again. */
const SUBSCRIBE_AGAIN_MS = SECOND_MS;
/** Half of the calls of a window, as for every outside service. */
const BREAKER_RULE = { kind: "share", percent: 50, callsMin: 5, windowMs: 10 * SECOND_MS } as const;
/** Short, because a lost message costs a second at most, and so does a try. */
const BREAKER_RESET_MS = SECOND_MS;

/** Makes the broker of a node; disposing it stops listening, and leaves the connection open. */
export function createRedisBroker(deps: RedisBrokerDeps): Broker {
  const broker = new RedisBroker(deps);
  return {
    publish: (topic, key, message) => broker.publish(topic, key, message),
    subscribe: (topic, key, listener) => broker.subscribe(topic, key, listener),
    [Symbol.dispose]: () => broker.close(),
  };
}

/** One key of one topic, as long as somebody listens. */
interface Channel {
  name: string;
  topic: Topic<unknown>;
  listeners: Set<TopicListener<unknown>>;
  /** Undefined while it is not subscribed. */
  unsubscribe: (() => void) | undefined;
  isOpening: boolean;
}

class RedisBroker {
  readonly #deps: RedisBrokerDeps;
  readonly #breaker: Breaker;
  readonly #channels = new Map<string, Channel>();
  readonly #stopHearing: () => void;
  #publishing = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(deps: RedisBrokerDeps) {
    this.#deps = deps;
    this.#breaker = createBreaker({
      name: "broker",
      rule: BREAKER_RULE,
      resetMs: BREAKER_RESET_MS,
      isFailure: () => true,
      metrics: deps.metrics,
    });
    this.#stopHearing = deps.connection.onReady(() => this.#connected());
  }

  publish<Message>(topic: Topic<Message>, key: string, message: Message): void {
    if (this.#publishing >= PUBLISHING_MAX) return this.#count(topic, "dropped");
    this.#publishing += 1;
    const text = JSON.stringify({ node: this.#deps.nodeId, message });
    const channel = channelName(topic, key);
    this.#breaker.call(() => this.#deps.connection.publish(channel, text)).then(
      () => this.#count(topic, "sent"),
      (error) => this.#count(topic, isRefused(error) ? "dropped" : "failed"),
    ).finally(() => this.#publishing -= 1);
  }

  subscribe<Message>(
    topic: Topic<Message>,
    key: string,
    listener: TopicListener<Message>,
  ): () => void {
    const channel = this.#channelOf(topic as Topic<unknown>, key);
    const own = listener as TopicListener<unknown>;
    channel.listeners.add(own);
    if (channel.unsubscribe) queueMicrotask(() => this.#tellMissed(channel, own));
    else void this.#open(channel);
    return () => {
      channel.listeners.delete(own);
      if (channel.listeners.size === 0) this.#drop(channel);
    };
  }

  close(): void {
    this.#stopHearing();
    this.#cancelRetry?.();
    for (const channel of [...this.#channels.values()]) {
      channel.listeners.clear();
      this.#drop(channel);
    }
    this.#breaker[Symbol.dispose]();
  }

  #channelOf(topic: Topic<unknown>, key: string): Channel {
    const name = channelName(topic, key);
    const known = this.#channels.get(name);
    if (known) return known;
    const listeners = new Set<TopicListener<unknown>>();
    const channel = { name, topic, listeners, unsubscribe: undefined, isOpening: false };
    this.#channels.set(name, channel);
    return channel;
  }

  #drop(channel: Channel): void {
    if (this.#channels.get(channel.name) === channel) this.#channels.delete(channel.name);
    channel.unsubscribe?.();
    channel.unsubscribe = undefined;
  }

  /** Whatever was published while a channel was closed is lost, so its listeners are told. */
  async #open(channel: Channel): Promise<void> {
    if (channel.isOpening || channel.unsubscribe) return;
    channel.isOpening = true;
    try {
      const { connection } = this.#deps;
      const hear = (bytes: Uint8Array) => this.#hear(channel, bytes);
      const unsubscribe = await connection.subscribe(channel.name, hear);
      if (channel.listeners.size === 0) return unsubscribe();
      channel.unsubscribe = unsubscribe;
      this.#tellAllMissed(channel);
    } catch {
      this.#openLater();
    } finally {
      channel.isOpening = false;
    }
  }

  #openLater(): void {
    if (this.#channels.size === 0) return;
    this.#cancelRetry ??= this.#deps.timers.after(SUBSCRIBE_AGAIN_MS, () => {
      this.#cancelRetry = undefined;
      this.#openAll();
    });
  }

  #openAll(): void {
    for (const channel of this.#channels.values()) void this.#open(channel);
  }

  /** The connection subscribes anew what it had; the rest is up to us. */
  #connected(): void {
    for (const channel of this.#channels.values()) {
      if (channel.unsubscribe) this.#tellAllMissed(channel);
    }
    this.#openAll();
  }

  #tellAllMissed(channel: Channel): void {
    for (const listener of [...channel.listeners]) this.#tellMissed(channel, listener);
  }

  #tellMissed(channel: Channel, listener: TopicListener<unknown>): void {
    if (channel.listeners.has(listener)) guard(channel, () => listener.missed?.());
  }

  #hear(channel: Channel, bytes: Uint8Array): void {
    const envelope = readEnvelope(bytes);
    if (envelope?.node === this.#deps.nodeId) return;
    const parsed = envelope && channel.topic.schema.safeParse(envelope.message);
    if (!parsed?.success) return this.#count(channel.topic, "bad");
    this.#count(channel.topic, "heard");
    for (const listener of [...channel.listeners]) {
      guard(channel, () => listener.heard(parsed.data));
    }
  }

  #count({ name: topic }: Pick<Topic<unknown>, "name">, outcome: MessageOutcome): void {
    this.#deps.metrics.brokerMessages.inc({ topic, outcome });
  }
}

/** The braces make a topic's channels of one key fall into one slot of a Cluster. */
function channelName({ name }: Pick<Topic<unknown>, "name">, key: string): string {
  return `paceboard:{${key}}:${name}`;
}

const DECODER = new TextDecoder();

function readEnvelope(bytes: Uint8Array): { node: unknown; message: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(DECODER.decode(bytes));
    if (typeof value !== "object" || value === null) return undefined;
    return "node" in value && "message" in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/** One listener's fault is no other's. */
function guard({ topic }: Channel, run: () => void): void {
  try {
    run();
  } catch (error) {
    getLog("redis").error("A listener failed", { topic: topic.name, error });
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof DomainError && error.code === "CIRCUIT_OPEN";
}
