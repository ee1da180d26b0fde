/**
 * A network that a test holds in its hand: a proxy before a server, which delays, slices, breaks,
 * swallows or refuses what goes through it. Chance comes from a seed.
 *
 *     await using proxy = startTcpProxy({ port: server.port, seed: 7 });
 *     proxy.set({ isBlackhole: true });
 *     proxy.heal();
 *
 * @module
 */

/** What the network does to bytes and connections. */
export interface NetworkFaults {
  /** Each piece waits this long and, by chance, up to as long again. */
  delayMs: number;
  /** Pieces are cut to at most this many bytes, by chance fewer. */
  sliceBytes: number;
  /** Nothing goes through, nothing is refused: what was sent arrives when it ends. */
  isBlackhole: boolean;
  /** New connections are closed at once. */
  isRefusing: boolean;
}

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections through it at the moment. */
  readonly connections: number;
  /** Changes some faults; the others stay. */
  set(faults: Partial<NetworkFaults>): void;
  /** Ends all faults; connections that are open go on. */
  heal(): void;
  /** Breaks every connection. */
  reset(): void;
}

export interface TcpProxyOptions {
  /** Of the server, on this machine. */
  port: number;
  seed?: number;
}

const HOSTNAME = "127.0.0.1";
const NO_FAULTS: NetworkFaults = {
  delayMs: 0,
  sliceBytes: Infinity,
  isBlackhole: false,
  isRefusing: false,
};
const BUFFER_BYTES = 65_536;

/** Starts a sound network to a server. */
export function startTcpProxy({ port: target, seed = 1 }: TcpProxyOptions): TcpProxy {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const network = new Network(createRandom(seed));
  const accepting = (async () => {
    for await (const client of listener) network.join(client, target);
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    get connections() {
      return network.pairs.size;
    },
    set: (faults) => network.set(faults),
    heal: () => network.set(NO_FAULTS),
    reset: () => network.reset(),
    async [Symbol.asyncDispose]() {
      listener.close();
      network.close();
      await accepting;
      await network.idle();
    },
  };
}

/** Both ends of one connection through the proxy. */
interface Pair {
  ends: Deno.Conn[];
  isBroken: boolean;
}

class Network {
  readonly pairs = new Set<Pair>();
  readonly #random: () => number;
  readonly #work = new Set<Promise<void>>();
  #faults = NO_FAULTS;
  /** Resolves with the end of the blackhole. */
  #opened: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  set(faults: Partial<NetworkFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
    if (this.#faults.isBlackhole && !this.#isClosed) {
      this.#opened ??= Promise.withResolvers<void>();
    } else {
      this.#opened?.resolve();
      this.#opened = undefined;
    }
  }

  reset(): void {
    for (const pair of this.pairs) breakPair(pair);
  }

  close(): void {
    this.#isClosed = true;
    this.set(NO_FAULTS);
    this.reset();
  }

  async idle(): Promise<void> {
    await Promise.all(this.#work);
  }

  join(client: Deno.Conn, target: number): void {
    const work = this.#serve(client, target).finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  async #serve(client: Deno.Conn, target: number): Promise<void> {
    const pair: Pair = { ends: [client], isBroken: false };
    this.pairs.add(pair);
    try {
      await this.#opened?.promise;
      if (this.#faults.isRefusing || pair.isBroken) return;
      const server = await Deno.connect({ hostname: HOSTNAME, port: target });
      pair.ends.push(server);
      if (pair.isBroken) return server.close();
      const pumps = [this.#pump(pair, client, server), this.#pump(pair, server, client)];
      await Promise.race(pumps);
      breakPair(pair);
      await Promise.all(pumps);
    } catch {
      // The server is away, or the pair was broken: the client sees its connection end.
    } finally {
      breakPair(pair);
      this.pairs.delete(pair);
    }
  }

  /** Carries bytes one way until an end closes; what was read before that is still delivered. */
  async #pump(pair: Pair, from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        for (const piece of this.#slices(buffer.subarray(0, read))) {
          await this.#opened?.promise;
          const { delayMs } = this.#faults;
          if (delayMs > 0) await pause(delayMs * (1 + this.#random()));
          await writeAll(to, piece);
        }
      }
    } catch (error) {
      if (!pair.isBroken && !isCut(error)) throw error;
    }
  }

  *#slices(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let from = 0; from < bytes.length;) {
      const most = Math.min(this.#faults.sliceBytes, bytes.length - from);
      const isWhole = this.#faults.sliceBytes === Infinity;
      const size = isWhole ? most : 1 + Math.floor(this.#random() * most);
      yield bytes.subarray(from, from + size);
      from += size;
    }
  }
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isCut(error: unknown): boolean {
  const { BadResource, BrokenPipe, ConnectionReset, Interrupted } = Deno.errors;
  return [BadResource, BrokenPipe, ConnectionReset, Interrupted].some((kind) =>
    error instanceof kind
  );
}

function breakPair(pair: Pair): void {
  if (pair.isBroken) return;
  pair.isBroken = true;
  for (const end of pair.ends) end.close();
}

/** The same numbers from 0 up to 1 for the same seed (mulberry32).
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRandom } from "@/tests/support/tcp_proxy.ts";
 *
 * const [one, other] = [createRandom(7), createRandom(7)];
 * assertEquals([one(), one()], [other(), other()]);
 * ```
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
