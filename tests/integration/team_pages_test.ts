/** Teams and divisions by forms: the organiser makes them, athletes choose, staff move. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";
import { createPageClient, faultsOf, mainText } from "@/tests/support/page_client.ts";
import { openSocket } from "@/tests/support/socket_client.ts";
import { until } from "@/tests/support/waiting.ts";

const HOUR_MS = 3_600_000;

async function signedIn(test: TestApp, role: "member" | "organiser", name: string) {
  const person = await test.person(role, name);
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email: person.email, password: TEST_PASSWORD });
  return Object.assign(client, person);
}

/** A published competition that starts in an hour; gives its path in the panel. */
async function publishedCup(test: TestApp, client: Awaited<ReturnType<typeof signedIn>>) {
  const local = (offsetMs: number) =>
    new Date(test.time.now() + offsetMs).toISOString().slice(0, 16);
  const form = {
    ...{ name: "Relay Cup", visibility: "public", timeZone: "UTC", graceHours: "0" },
    ...{ startsAt: local(HOUR_MS), endsAt: local(3 * HOUR_MS), rankMethod: "standard" },
    ...{ "scoring.kind": "direct", "scoring.operator": "increment", "scoring.decimals": "0" },
    ...{ "scoring.direction": "higher", "scoring.selfReport": "on" },
    ...{ divisions: "Open\nMasters 40+", "teams.score": "best", "teams.creators": "members" },
    ...{ "money.currency": "EUR", "money.sponsored": "100.00", "money.rest": "organiser" },
    ...{ "money.clawBack": "reverse", "money.approvals": "1" },
    ...{ "money.divisions.0.division": "Masters 40+", "money.divisions.0.share": "40" },
    "money.divisions.0.tiers": "60 %; 2 x 20 %",
  };
  const faulty = await client.post("/admin/competitions/new", {
    ...{ ...form, divisions: "Open\nopen" },
    "money.divisions.0.share": "400",
  });
  assertEquals([faulty.status, Object.keys(faultsOf(faulty)).sort()], [422, [
    ...["divisions", "money-divisions-0-share"],
  ]]);
  const uncounted = await client.post("/admin/competitions/new", form);
  assertEquals(Object.keys(faultsOf(uncounted)), ["teams-count"]);
  const draft = await client.post("/admin/competitions/new", { ...form, "teams.count": "2" });
  assertEquals(draft.status, 200, mainText(draft));
  await client.post(`${draft.path}/danger`, { action: "publish" });
  return draft.path;
}

Deno.test("divisions and teams are made, chosen and moved by forms, and shown live", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const [noor, mika] = [
    await signedIn(test, "member", "Noor Haddad"),
    await signedIn(test, "member", "Mika Salo"),
  ];
  const visitor = createPageClient(test);
  const path = await publishedCup(test, organiser);
  const id = path.split("/").at(-1)!;

  await t.step("the edit form gives back what was saved", async () => {
    const { html } = await organiser.get(`${path}/edit`);
    assertStringIncludes(html, "Open\nMasters 40+</textarea>");
    const prizes = mainText(await visitor.get("/c/relay-cup"));
    assertMatch(prizes, /Division Masters 40\+ 40\s%\sof the pool; 1: 60\s% · 2–3: 20\s%/);
    assertStringIncludes(prizes, "The sum of its best 2");
  });

  await t.step("staff make a team; a name that is taken is told beside the field", async () => {
    await organiser.post(`${path}/teams`, { name: "Herons" });
    const again = await organiser.post(`${path}/teams`, { name: "herons" });
    assertEquals([again.status, Object.keys(faultsOf(again))], [409, ["name"]]);
    assertStringIncludes(mainText(await organiser.get(`${path}/teams`)), "Herons");
  });

  await t.step("who joins chooses a division, and a team where they like", async () => {
    const none = await noor.post("/c/relay-cup/join", {});
    assertStringIncludes(mainText(none), "Take part");
    const { html } = await noor.get("/c/relay-cup");
    const teamId = /<option value="([0-9a-f-]{36})"[^>]*>Herons/.exec(html)?.[1] ?? "";
    await noor.post("/c/relay-cup/join", { division: "Open", teamId });
    await mika.post("/c/relay-cup/join", { division: "Open" });
    const joined = mainText(await noor.get("/c/relay-cup"));
    assertStringIncludes(joined, "Your team: Herons");
    await mika.post("/c/relay-cup/groups", { action: "make", name: "Otters" });
    const own = mainText(
      await mika.post("/c/relay-cup/groups", {
        ...{ action: "division", division: "Masters 40+" },
      }),
    );
    assertStringIncludes(own, "Your team: Otters");
    assertStringIncludes(own, "Your division is Masters 40+ now.");
  });

  await t.step("the organiser moves the chosen, or all that the filter finds", async () => {
    const list = await organiser.get(`${path}/participants?division=Open`);
    assert(!list.html.includes("Mika Salo"));
    const board = await organiser.get(`${path}?division=Open`);
    assertStringIncludes(board.html, `?division=Open" aria-current="page"`);
    assert(!board.html.includes("Mika Salo"), "the panel has each division's board too");
    const nobody = await organiser.post(`${path}/participants`, {
      ...{ whom: "chosen", division: "Open", reason: "x" },
    });
    assertEquals(nobody.status, 422);
    const all = await organiser.post(`${path}/participants?division=Open`, {
      ...{ whom: "all", expected: "1", division: "Masters 40+", reason: "Too few in Open" },
    });
    assertStringIncludes(mainText(all), "1 moved.");
    const stale = await organiser.post(`${path}/participants`, {
      ...{ whom: "all", expected: "7", division: "Open", reason: "x" },
    });
    assertEquals(stale.status, 409);
    assertStringIncludes(mainText(await noor.get("/me/notices")), "You were moved in Relay Cup");
  });

  test.time.advance(HOUR_MS);

  await t.step("a socket of a division hears of it alone, and the page shows it", async () => {
    const { url } = test.serve();
    const socketUrl = `${url}/ws/leaderboard/${id}?division=${encodeURIComponent("Masters 40+")}`;
    await using socket = await openSocket(socketUrl);
    await until(() => socket.frames.length === 1, "the snapshot is here");
    await using open = await openSocket(`${url}/ws/leaderboard/${id}?division=Open`);
    await until(() => open.frames.length === 1, "the other snapshot is here");
    const admin = await test.person("admin", "Ada Admin");
    const update = await test.call("POST", "/leaderboard/update", {
      token: admin.token,
      body: { competitionId: id, userId: noor.userId, score: 12 },
    });
    assertEquals(update.status, 200, JSON.stringify(update.body));
    test.time.advance(1000);
    await until(() => socket.offset === update.body.data.offset, "the score is here");

    assertEquals([socket.rows.length, socket.rows[0]!.score, open.rows.length], [2, 12, 0]);
    const page = mainText(await visitor.get("/c/relay-cup?division=Masters%2040%2B"));
    assertStringIncludes(page, "Noor Haddad");
    const teams = mainText(await visitor.get("/c/relay-cup?board=teams"));
    assertStringIncludes(teams, "Herons");
    const { html } = await visitor.get("/c/relay-cup?board=teams");
    const team = /\/c\/relay-cup\/teams\/[0-9a-f-]{36}/.exec(html)?.[0] ?? "";
    assertStringIncludes(mainText(await visitor.get(team)), "Who gave what");
  });

  await t.step("a team is renamed and removed, with its consequences told", async () => {
    const { html } = await organiser.get(`${path}/teams`);
    const team = new RegExp(`${path}/teams/[0-9a-f-]{36}`).exec(html)?.[0] ?? "";
    const renamed = await organiser.post(team, { action: "rename", name: "Grey Herons" });
    assertStringIncludes(mainText(renamed), "The team is Grey Herons now.");
    const unsaid = await organiser.post(team, { action: "remove" });
    assertEquals([unsaid.status, Object.keys(faultsOf(unsaid))], [422, ["remove-reason"]]);
    const gone = await organiser.post(team, { action: "remove", reason: "Nobody came" });
    assertStringIncludes(mainText(gone), "1 member of it are in none.");
    assertStringIncludes(mainText(await noor.get("/me/notices")), "Your team in Relay Cup");
  });
});
