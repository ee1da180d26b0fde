import { assertEquals } from "@std/assert";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { type Access, type AccessChanges, createAccessCache } from "./access_cache.ts";

const NONE: AccessChanges = { endedSessionIds: new Set(), changedUsers: new Map() };
const STARTS_AT = Date.UTC(2026, 4, 1, 12);
const HOUR_MS = 3_600_000;

function accessOf(part: Partial<Access> = {}): Access {
  return {
    userId: "mira",
    role: "member",
    sessionId: "s1",
    via: "api",
    expiresAt: STARTS_AT + HOUR_MS,
    accessChangedAt: 1,
    ...part,
  };
}

/** A cache with one token, over changes that the test writes. */
function cacheWithToken() {
  const time = createManualTime(STARTS_AT);
  const looks: number[] = [];
  const source = { read: (): Promise<AccessChanges> => Promise.resolve(NONE) };
  const cache = createAccessCache({
    clock: time,
    timers: time,
    readChanges(since) {
      looks.push(since);
      return source.read();
    },
  });
  cache.keep("token", accessOf());
  return { time, looks, source, cache };
}

Deno.test("createAccessCache() gives what was kept until it expires", async () => {
  const { time, cache } = cacheWithToken();

  assertEquals((await cache.find("token"))?.userId, "mira");
  assertEquals(await cache.find("other"), undefined);
  time.advance(HOUR_MS);
  assertEquals(await cache.find("token"), undefined);
});

Deno.test("createAccessCache() looks at most every 2 s, and never for an unknown token", async () => {
  const { time, looks, cache } = cacheWithToken();

  time.advance(1_999);
  await cache.find("token");
  assertEquals(looks.length, 0);
  time.advance(10_000);
  await cache.find("unknown");
  assertEquals(looks.length, 0);
  await Promise.all([cache.find("token"), cache.find("token"), cache.find("token")]);
  assertEquals(looks.length, 1);
  time.advance(1_999);
  await cache.find("token");
  assertEquals(looks.length, 1);
});

Deno.test("createAccessCache() trusts a look of 3 s ago but waits when it is older than 4 s", async () => {
  const { time, looks, source, cache } = cacheWithToken();
  const { promise, resolve } = Promise.withResolvers<AccessChanges>();
  source.read = () => promise;

  time.advance(3_000);
  assertEquals((await cache.find("token"))?.userId, "mira");
  time.advance(1_000);
  const waiting = cache.find("token");
  resolve(ended("s1"));

  assertEquals(await waiting, undefined);
  assertEquals(looks.length, 1);
});

Deno.test("createAccessCache() looks back over open transactions and forgets only what changed", async () => {
  const { time, looks, source, cache } = cacheWithToken();
  cache.keep("paavo", accessOf({ userId: "paavo", sessionId: "s2" }));
  const changed = new Map([["mira", 1], ["paavo", 2]]);
  source.read = () =>
    Promise.resolve({ endedSessionIds: new Set<string>(), changedUsers: changed });

  time.advance(4_000);

  // The token of mira was read after her change; the overlap shows that change again.
  assertEquals((await cache.find("token"))?.userId, "mira");
  assertEquals(await cache.find("paavo"), undefined);
  assertEquals(looks, [STARTS_AT - 120_000]);
});

Deno.test("createAccessCache() forgets everything when too much changed", async () => {
  const { time, source, cache } = cacheWithToken();
  source.read = () => Promise.resolve("all");

  time.advance(4_000);

  assertEquals(await cache.find("token"), undefined);
});

Deno.test("createAccessCache() keeps answering while the database fails, and catches up after", async () => {
  const { time, looks, source, cache } = cacheWithToken();
  source.read = () => Promise.reject(new Error("the database is away"));

  time.advance(4_000);
  assertEquals((await cache.find("token"))?.userId, "mira");
  time.advance(1_000);
  assertEquals((await cache.find("token"))?.userId, "mira");
  assertEquals(looks.length, 1);

  source.read = () => Promise.resolve(ended("s1"));
  time.advance(1_000);
  await cache.find("token");
  assertEquals(looks.length, 2);
  assertEquals(await cache.find("token"), undefined);
  // The second look goes back to before the first one failed.
  assertEquals(looks[1], STARTS_AT - 120_000);
});

Deno.test("createAccessCache() does not queue requests behind a database that hangs", async () => {
  const { time, source, cache } = cacheWithToken();
  const { promise, resolve } = Promise.withResolvers<AccessChanges>();
  source.read = () => promise;
  time.advance(4_000);

  const waiting = cache.find("token");
  await Promise.resolve();
  time.advance(1_000);
  assertEquals((await waiting)?.userId, "mira");
  assertEquals((await cache.find("token"))?.userId, "mira");
  assertEquals(time.pending, 0);

  resolve(ended("s1"));
  await promise;
  await Promise.resolve();
  assertEquals(await cache.find("token"), undefined);
});

Deno.test("createAccessCache() forgets a session or a user at once when told", async () => {
  const { cache } = cacheWithToken();
  cache.keep("second", accessOf({ sessionId: "s2" }));

  cache.forgetSession("s1");
  assertEquals(await cache.find("token"), undefined);
  assertEquals((await cache.find("second"))?.sessionId, "s2");
  cache.forgetUser("mira");
  assertEquals(await cache.find("second"), undefined);
});

function ended(...sessionIds: string[]) {
  return { endedSessionIds: new Set(sessionIds), changedUsers: new Map<string, number>() };
}

Deno.test("countUsers() counts people with a good credential, each once", () => {
  const { time, cache } = cacheWithToken();
  cache.keep("another token", accessOf());
  cache.keep("short", accessOf({ userId: "juha", expiresAt: STARTS_AT + 1000 }));

  assertEquals(cache.countUsers(), 2);
  time.advance(1000);
  assertEquals(cache.countUsers(), 1);
  cache.forgetUser("mira");
  assertEquals(cache.countUsers(), 0);
});
