/** Connected providers over the API and by jobs, against a server that speaks Strava's protocol. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { HOUR_MS, MINUTE_MS } from "@/domain/time.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { accessTokens } from "@/services/connections/connection_tokens.ts";
import { TEST_PASSWORD } from "../support/app.ts";
import { createPageClient, mainText } from "../support/page_client.ts";
import { stravaRun } from "../support/strava_server.ts";

import {
  begin,
  callbackOf,
  compete,
  connect,
  importCount,
  NEW_KEY,
  newestNotice,
  OLD_KEY,
  openWorld,
  PATH,
  run,
  sessions,
  stateOf,
  VERIFY_TOKEN,
} from "../support/connected_world.ts";

Deno.test("a connection is made by consent, pulled by jobs, and ended on both sides", async (t) => {
  await using world = await openWorld();
  const { strava, call, time, database } = world;
  const [mira, noor, organiser] = [
    await world.person(),
    await world.person("member", "Noor"),
    await world.person("organiser"),
  ];
  const { token } = mira;
  const score = await compete(world, organiser, mira);

  await t.step("consent is asked with PKCE, a state and the least scope", async () => {
    const asked = new URL(await begin(world, mira)).searchParams;
    assertEquals(asked.get("code_challenge_method"), "S256");
    assertEquals(asked.get("scope"), "activity:read");
    assertMatch(asked.get("state")!, /^[\w-]{43}$/);
    assertEquals(
      asked.get("redirect_uri"),
      "http://localhost:8080/api/v1/fitness/connections/strava/callback",
    );
    assertEquals((await call("POST", "/fitness/connections/google_fit", { token })).status, 404);
  });

  await t.step(
    "states of nobody, of others and of long ago are refused, and what was declined",
    async () => {
      const code = async (path: string, as = token) =>
        (await call("GET", path, { token: as })).body.error.details[0].code;
      assertEquals(await code(`${PATH}/callback?state=guessed&code=x`), "unknown");
      const others = strava.consent(await begin(world, noor), 7);
      assertEquals(await code(callbackOf(others)), "unknown");
      const late = strava.consent(await begin(world, mira), 7);
      time.advance(11 * MINUTE_MS);
      assertEquals(await code(callbackOf(late)), "unknown");
      const declined = strava.consent(await begin(world, mira), 7, { isDeclined: true });
      assertEquals(await code(callbackOf(declined)), "declined");
      const unticked = strava.consent(await begin(world, mira), 7, { scope: "read" });
      assertEquals(await code(callbackOf(unticked)), "missing");
      assertEquals(strava.hasAccess(7), false);
      assertEquals((await stateOf(world, mira)).status, null);
    },
  );

  await t.step("a state and a code are good once, an account for one person", async () => {
    const back = await connect(world, mira, 71);
    const again = await call("GET", callbackOf(back), { token });
    assertEquals(again.body.error.details[0].code, "unknown");
    const fresh = strava.consent(await begin(world, mira), 71);
    fresh.searchParams.set("code", back.searchParams.get("code")!);
    const replayed = await call("GET", callbackOf(fresh), { token });
    assertEquals(replayed.body.error.details[0].code, "refused");
    const taken = strava.consent(await begin(world, noor), 71);
    const refused = await call("GET", callbackOf(taken), { token: noor.token });
    assertEquals(refused.status, 409);
    const page = await call("GET", callbackOf(taken), { token, headers: { accept: "text/html" } });
    assertEquals([page.status, page.headers.get("location")], [
      303,
      "/me/connections?failed=strava",
    ]);
    await connect(world, mira, 71);
    const [row] = await database.sql`select tokens, key_id from connections`;
    assertEquals(new TextDecoder().decode(row!.tokens).includes("access-"), false);
  });

  await t.step("pages that are shorter than asked for are read to the end, each once", async () => {
    strava.pageMax = 2;
    strava.activities.set(71, [
      stravaRun(1, "2026-04-20T06:00:00Z", 5000),
      stravaRun(2, "2026-04-25T06:00:00Z", 6000),
      stravaRun(3, "2026-04-29T06:00:00Z", 7000),
      stravaRun(4, "2026-02-01T06:00:00Z", 9000),
    ]);
    await run(world);
    assertEquals(await sessions(world, mira), [7000, 6000, 5000]);
    assertEquals(await score(), 18_000);
    assertEquals(strava.seen.pages, ["71 1", "71 2", "71 3"]);
    const imports = await importCount(world, mira);
    time.advance(HOUR_MS);
    await run(world);
    assertEquals(await importCount(world, mira), imports, "what is known makes no import");
    assert((await stateOf(world, mira)).lastPullAt !== null);
  });

  await t.step("the webhook proves itself, and its events are asked about", async () => {
    const challenge = (given: string) =>
      call(
        "GET",
        `/webhooks/strava?hub.mode=subscribe&hub.challenge=15f7&hub.verify_token=${given}`,
      );
    const good = await challenge(encodeURIComponent(VERIFY_TOKEN));
    assertEquals([good.status, good.body], [200, { "hub.challenge": "15f7" }]);
    assertEquals((await challenge("guessed")).status, 403);
    const tell = async (aspect: string, id: number, owner = 71) => {
      const body = {
        "object_type": "activity",
        "object_id": id,
        "aspect_type": aspect,
        "owner_id": owner,
        "subscription_id": 9,
        "event_time": 1,
        updates: {},
      };
      assertEquals((await call("POST", "/webhooks/strava", { body })).status, 200);
      await run(world);
    };
    const all = strava.activities.get(71)!;
    all.push(stravaRun(5, "2026-05-01T09:00:00Z", 1000));
    await tell("create", 5);
    assertEquals(await score(), 19_000);
    all[all.length - 1] = stravaRun(5, "2026-05-01T09:00:00Z", 2000);
    await tell("update", 5);
    assertEquals(await score(), 20_000);
    await tell("delete", 1);
    assertEquals(await score(), 20_000, "a deletion that Strava knows nothing of is forged");
    all.splice(all.findIndex(({ id }) => id === 1), 1);
    await tell("delete", 1);
    assertEquals(await score(), 15_000);
    const { calls } = strava.seen;
    await tell("create", 99, 12_345);
    assertEquals(strava.seen.calls, calls, "nobody here is that athlete");
  });

  await t.step("ending it is done here at once, and at Strava by a job", async () => {
    assertEquals((await call("DELETE", PATH, { token })).status, 204);
    assertEquals((await stateOf(world, mira)).status, null);
    assertEquals((await call("DELETE", PATH, { token })).status, 404);
    await run(world);
    await run(world);
    assertEquals([strava.hasAccess(71), strava.seen.deauthorized > 0], [false, true]);
    assertEquals((await database.sql`select from connections`).length, 0);
    assertEquals((await sessions(world, mira)).length, 3, "what was fetched stays");
  });

  await t.step("all of it works on the pages, without script", async () => {
    const browser = createPageClient(world);
    await browser.get("/sign-in");
    await browser.post("/sign-in", { email: noor.email, password: TEST_PASSWORD });
    const before = mainText(await browser.get("/me/connections"));
    assertStringIncludes(before, "Connect Strava");
    assertStringIncludes(before, "This server is not set up for it");
    const leave = await browser.post("/me/connections", { provider: "strava" });
    const [, address] = /href="([^"]*oauth\/authorize[^"]*)"/.exec(leave.html) ?? [];
    const back = strava.consent(address!.replaceAll("&amp;", "&"), 72);
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const headers = { accept: "text/html", cookie };
    const landing = await call("GET", callbackOf(back), { headers });
    const done = mainText(await browser.get(landing.headers.get("location")!));
    assertStringIncludes(done, "Connected. What is there arrives within minutes.");
    assertStringIncludes(done, "nothing was fetched yet");
    assertStringIncludes(
      mainText(await browser.get("/me/connections/strava")),
      "Disconnect Strava?",
    );
    const ended = await browser.post("/me/connections/strava", {});
    assertEquals(ended.path, "/me/connections");
    assertStringIncludes(mainText(ended), "Not connected");
    assertEquals((await browser.get("/me/connections/strava")).status, 404);
  });
});

Deno.test("tokens are refreshed once by all nodes, rotate their keys, and end where they are taken back", async (t) => {
  await using world = await openWorld();
  const { strava, database, time } = world;
  const [mira, noor] = [await world.person(), await world.person("member", "Noor")];
  const keyIds = async () =>
    (await database.sql<{ id: string }[]>`select key_id as id from connections`)
      .map(({ id }) => id);
  await connect(world, mira, 71);
  await run(world);
  const [oldKeyId] = await keyIds();
  const rotated = world.node([NEW_KEY, OLD_KEY]);

  await t.step("two nodes that pull with an expired token refresh it once", async () => {
    time.advance(7 * HOUR_MS);
    const [{ id }] = await database.sql`select id from connections` as unknown as [{ id: string }];
    const { fitness, jobs, notices } = world.services;
    const deps = (keys: string[]) => ({
      ...world.setup(keys),
      ...{ database, fitness, jobs, notices, clock: time, newId: createIdGenerator(time) },
    });
    const nodes = [1, 2, 3, 4].map(() => deps([OLD_KEY]));
    const got = await Promise.all(nodes.map((node) => accessTokens(node, id)));
    assertEquals(new Set(got.map((tokens) => tokens?.accessToken)).size, 1);
    assertEquals(strava.seen.refreshes, 1);
    strava.activities.set(71, [stravaRun(1, "2026-05-01T17:00:00Z", 5000)]);
    const other = rotated.connections;
    const tell = (connections: typeof other) =>
      connections.onStravaEvent({
        "object_type": "activity",
        "object_id": 1,
        "aspect_type": "create",
        "owner_id": 71,
      });
    await tell(other);
    // The sweep finds the pull due, and the event is due too: each node takes one of them.
    await Promise.all([world.services.jobs.runDue(), rotated.jobs.runDue()]);
    await run(world);
    assertEquals(strava.seen.refreshes, 1);
    assertEquals(await sessions(world, mira), [5000]);
  });

  await t.step(
    "whatever is used is sealed under the first key, and the old one still opens",
    async () => {
      time.advance(HOUR_MS);
      await run({ services: rotated });
      assertNotEquals((await keyIds())[0], oldKeyId);
      assertEquals((await stateOf(world, mira)).status, "active");
    },
  );

  await t.step(
    "a quota that is used up pauses everybody of the provider, until it is due again",
    async () => {
      const current = { ...world, services: rotated };
      await connect(world, noor, 72);
      await run(current);
      strava.activities.get(71)!.push(
        stravaRun(2, "2026-05-01T18:00:00Z", 6000),
        stravaRun(3, "2026-05-01T18:40:00Z", 7000),
      );
      strava.pageMax = 2;
      time.advance(HOUR_MS);
      strava.seen.pages.length = 0;
      // Whoever is asked about second meets the limit, as does everybody's next page.
      await database.sql`update connections set next_pull_at = ${time.now() + HOUR_MS}
      where account_id = '72'`;
      strava.usage = [181, 600];
      await run(current);
      assertEquals(strava.seen.pages, ["71 1"], "at 90 % nothing more is asked");
      assertEquals((await sessions(world, mira)).length, 2, "but the page is stored");
      assertEquals((await stateOf(world, mira)).fault, "quota");
      strava.usage = [1, 600];
      time.advance(20 * MINUTE_MS);
      strava.faults.push({ status: 429, headers: { "retry-after": "1800" } });
      await run(current);
      const { calls } = strava.seen;
      await database.sql`update connections set next_pull_at = ${time.now()}`;
      time.advance(10 * MINUTE_MS);
      await run(current);
      assertEquals(strava.seen.calls, calls, "the other connection does not ask either");
      time.advance(30 * MINUTE_MS);
      await run(current);
      assertEquals(strava.seen.pages.filter((page) => page.startsWith("71")).slice(0, 2), [
        "71 1",
        "71 2",
      ], "the pull goes on at its page");
      assertEquals((await sessions(world, mira)).length, 3);
      assertEquals((await stateOf(world, mira)).fault, null);
    },
  );

  await t.step("a cloud that is away, or answers nonsense, is asked again later", async () => {
    const current = { ...world, services: rotated };
    time.advance(HOUR_MS);
    strava.faults.push({ status: 503 }, { status: 503 }, { status: 200, body: { odd: true } });
    await run(current);
    const faults = await database.sql<{ fault: string }[]>`
      select fault from connections order by fault`;
    assertEquals(faults.map(({ fault }) => fault), ["refused", "unavailable"]);
    time.advance(5 * MINUTE_MS);
    await run(current);
    assertEquals((await stateOf(world, mira)).fault, null);
  });

  await t.step("access that was taken back waits for the person", async () => {
    strava.revoke(71);
    time.advance(HOUR_MS);
    await run({ services: rotated });
    const ended = await stateOf(world, mira);
    assertEquals([ended.status, ended.fault], ["needs_reconnect", "revoked"]);
    const notice = await newestNotice(world, mira);
    assertEquals([notice.kind, notice.payload.title], ["connection.needs_reconnect", "Strava"]);
    const [row] = await database.sql`select tokens from connections where account_id = '71'`;
    assertEquals(row!.tokens, null);
    await connect(world, mira, 71);
    assertEquals((await stateOf(world, mira)).status, "active");
  });

  await t.step("a node without the key leaves it to the others, until it is lost", async () => {
    time.advance(HOUR_MS);
    await run(world);
    const missing = await stateOf(world, noor);
    assertEquals([missing.status, missing.fault], ["active", "key_lost"]);
    time.advance(5 * MINUTE_MS);
    await run({ services: rotated });
    assertEquals((await stateOf(world, noor)).fault, null);
    await database.sql`update connections set failures = 7, next_pull_at = ${time.now()}`;
    time.advance(5 * MINUTE_MS);
    await run(world);
    const lost = await stateOf(world, noor);
    assertEquals([lost.status, lost.fault], ["needs_reconnect", "key_lost"]);
  });
});
