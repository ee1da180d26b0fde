/** The panel's pages for steering a competition, and what its athletes see of it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { appleExport } from "@/tests/support/apple_export.ts";
import { openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";
import {
  createPageClient,
  faultsOf,
  mainText,
  type PageClient,
} from "@/tests/support/page_client.ts";

const HOUR_MS = 3_600_000;

async function signedIn(test: TestApp, role: "member" | "organiser" | "referee", name: string) {
  const { email, userId } = await test.person(role, name);
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email, password: TEST_PASSWORD });
  return Object.assign(client, { email, userId });
}

/** A published competition that ends in two hours; gives its path in the panel. */
async function runningCup(test: TestApp, client: PageClient, change: Record<string, string> = {}) {
  const local = (offsetMs: number) =>
    new Date(test.time.now() + offsetMs).toISOString().slice(0, 16);
  const draft = await client.post("/admin/competitions/new", {
    name: "Winter Cup",
    visibility: "public",
    timeZone: "UTC",
    startsAt: local(-24 * HOUR_MS),
    endsAt: local(2 * HOUR_MS),
    graceHours: "0",
    "scoring.kind": "direct",
    "scoring.operator": "increment",
    "scoring.direction": "higher",
    "scoring.decimals": "0",
    rankMethod: "standard",
    ...change,
  });
  assertEquals(draft.status, 200, mainText(draft));
  await client.post(`${draft.path}/danger`, { action: "publish" });
  return draft.path;
}

async function participantPath(client: PageClient, path: string): Promise<string> {
  const { html } = await client.get(`${path}/participants`);
  return new RegExp(`${path}/participants/[0-9a-f-]{36}`).exec(html)?.[0] ?? "";
}

Deno.test("staff steer a competition by forms, from the first correction to the final result", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const athlete = await signedIn(test, "member", "Noor Haddad");
  const visitor = createPageClient(test);
  const path = await runningCup(test, organiser);
  await athlete.post("/c/winter-cup/join", {});
  const person = await participantPath(organiser, path);

  await t.step("a score is adjusted, once however often the form is sent", async () => {
    await organiser.get(person);
    const faulty = await organiser.post(person, { action: "adjust", operator: "increment" });
    assertEquals([faulty.status, Object.keys(faultsOf(faulty))], [
      422,
      ["score", "adjust-reason"],
    ]);
    const form = { action: "adjust", operator: "increment", score: "250", key: "protest-7" };
    const done = await organiser.post(person, { ...form, reason: "Missed a lap" });
    await organiser.post(person, { ...form, reason: "Missed a lap" });

    assertStringIncludes(mainText(done), "The score is 250 now.");
    assertStringIncludes(mainText(await organiser.get(person)), "1 count, 0 do not");
  });

  await t.step("an event is voided with a reason and taken back", async () => {
    const events = await organiser.get(`${path}/events`);
    assertStringIncludes(mainText(events), "Missed a lap");
    const eventId = /name="eventId" value="([^"]+)"/.exec(events.html)?.[1] ?? "";
    const without = await organiser.post(`${path}/events`, { action: "void", eventId });
    assertEquals([without.status, Object.values(faultsOf(without)).length], [422, 1]);
    await organiser.post(`${path}/events`, { action: "void", eventId, reason: "Counted twice" });
    const listed = await organiser.get(`${path}/events?voided=true&source=staff`);
    assertStringIncludes(mainText(listed), "Counted twice");
    const back = { action: "reinstate", eventId, reason: "It was right" };
    assertStringIncludes(mainText(await organiser.post(`${path}/events`, back)), "counts again");

    assertEquals((await organiser.get(`${path}/events?voided=true`)).html.includes(eventId), false);
  });

  await t.step("an announcement is on the public page", async () => {
    const empty = await organiser.post(`${path}/announcements`, { text: " " });
    assertEquals(Object.keys(faultsOf(empty)), ["text"]);
    await organiser.post(`${path}/announcements`, { text: "The finish moved to the **park**." });

    const shown = await visitor.get("/c/winter-cup");
    assertStringIncludes(shown.html, "<strong>park</strong>");
  });

  await t.step("a frozen board stands still for all but staff", async () => {
    await organiser.post(`${path}/steering`, { action: "freeze", reason: "The ceremony" });
    await organiser.post(person, { ...ADJUST, score: "50", reason: "Bonus" });

    assertStringIncludes(mainText(await visitor.get("/c/winter-cup")), "The board is frozen");
    assertStringIncludes(mainText(await organiser.get(path)), "You are staff and see it live");
    const why = person.replace(`${path}/participants/`, "/c/winter-cup/why/");
    assertStringIncludes(mainText(await visitor.get(why)), "Score 250");
    assertStringIncludes(mainText(await organiser.get(`${path}/steering`)), "Live standings");
    const moving = await organiser.post(`${path}/steering`, { action: "unfreeze" });
    assertStringIncludes(mainText(moving), "moves again");
  });

  await t.step("new rules score everybody anew and are announced", async () => {
    const rules = {
      "scoring.kind": "direct",
      "scoring.operator": "increment",
      "scoring.direction": "higher",
      "scoring.decimals": "0",
      rankMethod: "dense",
    };
    const silent = await organiser.post(`${path}/rules/change`, rules);
    assertEquals([silent.status, Object.keys(faultsOf(silent))], [422, ["reason"]]);
    const changed = await organiser.post(`${path}/rules/change`, { ...rules, reason: "As told" });

    assertStringIncludes(mainText(changed), "Version 2 holds now");
    assertStringIncludes(mainText(changed), "Version 1");
    assertStringIncludes(mainText(await visitor.get("/c/winter-cup")), "New rules");
  });

  await t.step("disqualifying and taking back", async () => {
    const out = await organiser.post(person, { action: "disqualify", reason: "A short cut" });
    assertStringIncludes(mainText(out), "listed last");
    const back = await organiser.post(person, { action: "reinstate", reason: "It was allowed" });
    assertStringIncludes(mainText(back), "Taken back");
  });

  await t.step("what keeps a result from being final is listed, then it is approved", async () => {
    assertStringIncludes(
      mainText(await organiser.get(`${path}/steering`)),
      "Late data still counts until",
    );
    test.time.advance(3 * HOUR_MS);
    const unsure = await organiser.post(`${path}/steering`, { action: "finalise" });
    assertEquals([unsure.status, Object.keys(faultsOf(unsure))], [422, ["approve"]]);
    const final = await organiser.post(`${path}/steering`, { action: "finalise", approve: "yes" });
    assertStringIncludes(mainText(final), "is final and signed");

    const result = mainText(await visitor.get("/c/winter-cup/result"));
    assertStringIncludes(result, "approved by Olga Ortiz");
    assertStringIncludes(result, "deno task result:verify");
    assertMatch(result, /1 NH Noor Haddad 300/);
  });

  await t.step("a copy is a draft of its own", async () => {
    const taken = await organiser.post(`${path}/steering`, { action: "clone", slug: "winter-cup" });
    assertEquals([taken.status, Object.keys(faultsOf(taken))], [409, ["slug"]]);
    const form = { action: "clone", name: "Spring Cup", slug: "", startsAt: "" };
    const copy = await organiser.post(`${path}/steering`, form);

    assertMatch(copy.path, /\/edit$/);
    assertStringIncludes(mainText(copy), "Spring Cup is a draft now");
  });

  await t.step("others have no way in", async () => {
    const other = await signedIn(test, "organiser", "Otto Olsen");
    for (const page of [`${path}/steering`, `${path}/events`, person]) {
      assertEquals((await other.get(page)).status, 403, page);
    }
    assert(!(await athlete.get("/c/winter-cup")).html.includes(path));
  });
});

const ADJUST = { action: "adjust", operator: "increment" };

const RUNS = {
  "scoring.kind": "activity",
  "scoring.metric": "distance",
  "scoring.aggregate": "total",
  "scoring.activityTypes": "running",
  "scoring.manualPolicy": "exclude",
};

/** Sends sessions of an hour as an app would. */
async function sync(test: TestApp, email: string, provider: string, metres: number) {
  const { body } = await test.call("POST", "/auth/login", {
    body: { email, password: TEST_PASSWORD },
  });
  const at = (offsetMs: number) => new Date(test.time.now() + offsetMs).toISOString();
  const run = {
    id: `${provider}-run`,
    type: "running",
    start: at(-2 * HOUR_MS),
    end: at(-HOUR_MS),
    distance: metres,
    source: { recordingMethod: "active", device: `Watch of ${provider}` },
  };
  await test.call("POST", "/fitness/sync", {
    token: body.data.accessToken,
    body: { provider, workouts: [run] },
  });
}

Deno.test("what is doubtful is decided in the queue, and the athlete sees the same and appeals", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const referee = await signedIn(test, "referee", "Rita Rossi");
  const athlete = await signedIn(test, "member", "Noor Haddad");
  await runningCup(test, organiser, RUNS);
  await athlete.post("/c/winter-cup/join", {});
  await sync(test, athlete.email, "strava", 25_000);
  const queue = await referee.get("/admin/reviews");
  const path = /\/admin\/reviews\/[0-9a-f-]{36}/.exec(queue.html)?.[0] ?? "";
  const own = path.replace("/admin/", "/me/");

  await t.step("the menu counts what waits, the evidence says why", async () => {
    assertMatch(queue.html, /side-count">1</);
    assertStringIncludes(mainText(await athlete.get("/me")), "One result of yours waits");
    const told = "Mean speed of the session: 25.0 km/h, the limit is 23.8 km/h";
    assertStringIncludes(mainText(await referee.get(path)), told);
    assertStringIncludes(mainText(await athlete.get(own)), told);
    const empty = await referee.get("/admin/reviews?status=accepted");
    assertStringIncludes(mainText(empty), "No review fits these filters");
    assertEquals((await athlete.get("/admin/reviews")).status, 403);
  });

  await t.step("a decision needs its reason and can be taken back", async () => {
    const without = await referee.post(path, { action: "reject", reason: "" });
    assertEquals([without.status, Object.keys(faultsOf(without))], [422, ["reject-reason"]]);
    await referee.post(path, { action: "accept", reason: "A known runner" });
    assertStringIncludes(mainText(await athlete.get("/c/winter-cup")), "25 000");
    const undone = await referee.post(path, { action: "undo", reason: "Wrong person" });
    assertStringIncludes(mainText(undone), "it waits again");
    await referee.post(path, { action: "reject", reason: "On a bicycle" });

    assertStringIncludes(mainText(await athlete.get(own)), "On a bicycle");
  });

  await t.step("the athlete appeals once", async () => {
    const sent = await athlete.post(own, { action: "appeal", reason: "It was downhill" });
    assertStringIncludes(mainText(sent), "Your appeal is sent");
    assertEquals(sent.html.includes("appeal-title"), false);
    assertStringIncludes(mainText(await referee.get(path)), "It was downhill");
  });
});

Deno.test("an athlete chooses among doubles, corrects a type and removes a session", async () => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const athlete = await signedIn(test, "member", "Noor Haddad");
  await runningCup(test, organiser, RUNS);
  await athlete.post("/c/winter-cup/join", {});
  await sync(test, athlete.email, "strava", 10_000);
  await sync(test, athlete.email, "health_connect", 10_050);
  const list = await athlete.get("/me/activities?type=running&provider=strava");
  const path = /\/me\/activities\/[0-9a-f-]{36}/.exec(list.html)?.[0] ?? "";

  assertStringIncludes(mainText(await athlete.get(path)), "The same session from elsewhere");
  const chosen = await athlete.post(path, { isChosen: "yes" });
  assertStringIncludes(mainText(chosen), "10 000 m count");
  const hike = await athlete.post(path, { type: "hiking" });
  assertStringIncludes(mainText(hike), "recorded as running");
  assertStringIncludes(mainText(hike), "Does not count");
  const unsure = await athlete.post(path, { action: "remove" });
  assertEquals([unsure.status, Object.keys(faultsOf(unsure))], [422, ["sure"]]);
  const gone = await athlete.post(path, { action: "remove", sure: "yes" });
  assertEquals(gone.path, "/me/activities");
  assertEquals((await athlete.get(path)).status, 404);
  const none = await athlete.get("/me/activities?from=2020-01-01&to=2020-01-02");
  assertStringIncludes(mainText(none), "No session fits these filters");
  const other = await signedIn(test, "member", "Mira Koskela");
  const rest = /\/me\/activities\/[0-9a-f-]{36}/.exec((await athlete.get("/me/activities")).html)!;
  assertEquals((await other.get(rest[0])).status, 403);
});

Deno.test("the page of a long import tells how far it is, with and without script", async () => {
  await using test = await openTestApp();
  const athlete = await signedIn(test, "member", "Noor Haddad");
  const { chunks } = appleExport(100_000);
  await athlete.get("/me/upload");

  const queued = await athlete.post("/me/upload", { file: new File([...chunks], "export.xml") });

  assertMatch(queued.path, /^\/me\/imports\//);
  assertStringIncludes(mainText(queued), "Reading, 0 %");
  assertMatch(queued.html, /<noscript><meta http-equiv="refresh" content="10"/);
  assertMatch(queued.html, /<progress [^>]*aria-label="How far the file is read"/);
});
