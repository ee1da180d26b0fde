import { assert, assertEquals } from "@std/assert";
import type { ViewerSink } from "@/services/live/live.ts";
import { ANONYMOUS, userActor } from "@/tests/support/board_fixture.ts";
import { openTestApp, TEST_PASSWORD, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { documentRoads, look, lookEverywhere } from "@/tests/support/freeze_roads.ts";
import { createPageClient, mainText, type PageClient } from "@/tests/support/page_client.ts";
import { openSteeringStage, type SteeringStage } from "@/tests/support/steering.ts";

/** Values of path parameters; those of other resources name nothing, and must go on doing so. */
function fill(path: string, stage: SteeringStage, about: string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === "competitionId") return stage.id;
    if (name === "id") return path.includes("/competitions/") ? stage.id : stage.ann.userId;
    if (name === "participantId") return about;
    if (name === "code") return "NOT_FOUND";
    return stage.ann.userId;
  });
}

/** Every public road: each GET of the API's document, with the queries that choose rows, and pages. */
async function roadsOf(test: TestApp, stage: SteeringStage): Promise<string[]> {
  const people = [stage.ann.participantId, stage.bea.participantId];
  const plain = await documentRoads(
    test,
    (path) => people.map((about) => `/${fill(path, stage, about)}`),
  );
  const now = new Date(test.time.now()).toISOString();
  const board = `//api/v1/leaderboard/${stage.id}`;
  const cup = `//api/v1/competitions/${stage.slug}`;
  return [
    ...plain,
    ...["top=1", "page=1&page_size=1", "around=me", `asOf=${now}`, "division=x"].map((query) =>
      `${board}?${query}`
    ),
    ...["log?limit=1000", "log?after=7", "participants?status=active", "participants?page_size=1"]
      .map((rest) => `${cup}/${rest}`),
    ...["participants?status=disqualified", "participants?q=an", "export?format=json"]
      .map((rest) => `${cup}/${rest}`),
    ...["export?what=log", "export?board=live", "export?board=frozen", "result", "events"]
      .map((rest) => `${cup}/${rest}`),
    "//api/v1/competitions?sort=participantCount&order=asc",
    ...["//", `//c/${stage.slug}`, `//c/${stage.slug}?view=wall`],
  ];
}

/** Without `me.score`, and the mark of it in the tag, which its owner alone is told. */
function withoutOwn(answer: string): string {
  return answer.replace(/(\\"me\\":\{.*?\\"score\\":)[^,}]*/, "$1…")
    .replace(/(frozen-public:[0-9a-f-]{36}:)[^\\"]*/, "$1…");
}

/** A viewer that keeps what it was sent. */
function recorder(): ViewerSink & { frames: string[] } {
  const frames: string[] = [];
  return { frames, bufferedAmount: 0, send: (frame) => void frames.push(frame), close() {} };
}

/** What nobody in particular is sent first, who says to have seen this position. */
async function firstEvent(test: TestApp, id: string, seen?: string): Promise<string> {
  const headers: Record<string, string> = seen === undefined ? {} : { "last-event-id": seen };
  const { body } = await test.app.request(`/api/v1/leaderboard/${id}/stream`, { headers });
  const reader = body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

/** A participant with a browser. */
async function signIn(test: TestApp, { email }: TestPerson): Promise<PageClient> {
  const browser = createPageClient(test);
  await browser.get("/sign-in");
  await browser.post("/sign-in", { email, password: TEST_PASSWORD });
  return browser;
}

/** What the participant's pages say. */
async function readPages(browser: PageClient, slug: string): Promise<string[]> {
  const texts: string[] = [];
  for (const path of ["/", `/c/${slug}`, "/me"]) {
    const page = await browser.get(path);
    assertEquals([page.status, page.path], [200, path]);
    texts.push(mainText(page));
  }
  assert(texts.every((text) => text.includes("Push-up Cup")));
  return texts;
}

/** The live board after the secret changes. */
const LIVE = ["1 Eve 900", "2 Ann 110", "3 Gus 2", "- Bea null", "- Fay null", "- Dag 3"];

Deno.test("a frozen board leaks by no road: every answer stays the same, byte for byte", async (t) => {
  await using test = await openTestApp();
  const stage = await openSteeringStage(test);
  const { ann, bea, organiser, referee, finance } = stage;
  const cem = await stage.addAthlete("Cem");
  const dag = await stage.addAthlete("Dag");
  const eve = await test.person("member", "Eve");
  const fay = await test.person("member", "Fay");
  const gus = await stage.addAthlete("Gus");
  const stranger = await test.person("organiser", "Sten Stranger");
  for (const [athlete, score] of [[ann, 10], [bea, 7], [cem, 5], [dag, 3], [gus, 2]] as const) {
    await stage.score(athlete, score);
  }
  const frozen = await test.call("POST", `/competitions/${stage.id}/freeze`, {
    token: organiser.token,
    body: { reason: "The last hour" },
  });
  assertEquals([frozen.status, frozen.body.data.frozen], [200, true]);
  test.time.advance(1000);
  const tokens = {
    nobody: undefined,
    bea: bea.token,
    stranger: stranger.token,
    finance: finance.token,
  };
  const roads = await roadsOf(test, stage);
  const viewers = { nobody: recorder(), bea: recorder(), staff: recorder() };
  const { live } = test.services;
  await live.open(ANONYMOUS, stage.id, viewers.nobody);
  await live.open(userActor(bea.userId), stage.id, viewers.bea, { around: "me" });
  await live.open(userActor(referee.userId, { role: "referee" }), stage.id, viewers.staff);
  const browser = await signIn(test, gus);
  const pages = await readPages(browser, stage.slug);
  const before = await lookEverywhere(test, roads, tokens);
  const offset = (await test.call("GET", `/leaderboard/${stage.id}`)).body.data.offset;
  const event = await firstEvent(test, stage.id);

  await t.step("the changes themselves are answered without a place", async () => {
    const [event] = await stage.events({ participantId: bea.participantId });
    const { body } = await stage.score(ann, 100);
    const { score, rank, previousRank, offset } = body.data;
    assertEquals([score, rank, previousRank, offset], [110, null, null, null]);
    const secret = [
      await stage.adjust(organiser.token, cem, { score: 500 }),
      await stage.judge(referee.token, dag, "disqualify"),
      await test.call("POST", `/leaderboard/events/${event!.eventId}/void`, {
        token: referee.token,
        body: { reason: "Too fast" },
      }),
      await test.call("POST", `/competitions/${stage.id}/join`, { token: eve.token, body: {} }),
      await stage.score(eve, 900),
      await test.call("POST", `/competitions/${stage.id}/join`, { token: fay.token, body: {} }),
      await test.call("POST", `/competitions/${stage.id}/leave`, { token: cem.token }),
    ];
    assertEquals(secret.filter(({ status }) => status >= 300).length, 0);
  });

  await t.step("nothing moved on any road but for staff", async () => {
    const after = await lookEverywhere(test, roads, tokens);
    const leaks = [...before].filter(([road, answer]) => {
      return after.get(road) !== answer && !road.endsWith("around=me");
    });
    assertEquals(leaks.map(([road, was]) => [road, was, after.get(road)]), []);
    assertEquals(await readPages(browser, stage.slug), pages);
    const own = `bea //api/v1/leaderboard/${stage.id}?around=me`;
    assert(before.get(own) !== after.get(own), "the own score is of now");
    assertEquals(withoutOwn(before.get(own)!), withoutOwn(after.get(own)!));
    test.services.boards.clear();
    assertEquals(
      await look(test, `//api/v1/leaderboard/${stage.id}`, undefined),
      before.get(
        `nobody //api/v1/leaderboard/${stage.id}`,
      ),
    );
    assertEquals(await stage.lines(organiser), LIVE);
  });

  await t.step("nor on the stream of events, whatever position it names", async () => {
    const { epoch, offset: live } =
      (await test.call("GET", `/leaderboard/${stage.id}`, { token: organiser.token })).body.data;
    assert(live > offset);
    for (const id of [undefined, `${epoch}:${live}`, `${epoch}:${live - 1}`, `${epoch}:0`]) {
      assertEquals(await firstEvent(test, stage.id, id), event, id ?? "none");
    }
  });

  await t.step("nor on the socket", async () => {
    await test.time.advance(2000);
    assertEquals([viewers.nobody.frames.length, viewers.bea.frames.length], [1, 1]);
    assert(viewers.staff.frames.join("").includes('"Eve"'));
  });

  await t.step("the own score is told to its owner alone, with the rank that all see", async () => {
    const own = await test.call("GET", `/leaderboard/${stage.id}?around=me`, { token: ann.token });
    const late = await test.call("GET", `/leaderboard/${stage.id}?around=me`, { token: eve.token });
    const { me, rows } = own.body.data;
    assertEquals([me.score, me.rank, rows[0].score], [110, 1, 10]);
    assertEquals([late.body.data.me.score, late.body.data.me.rank, late.body.data.rows], [
      900,
      null,
      [],
    ]);
  });

  await t.step("unfreezing brings everybody to the live board", async () => {
    await test.call("POST", `/competitions/${stage.id}/unfreeze`, {
      token: organiser.token,
      body: {},
    });
    await test.time.advance(200);
    const { body } = await test.call("GET", `/leaderboard/${stage.id}`);
    assertEquals(await stage.lines(), LIVE);
    assert(body.data.offset > offset && !body.data.frozen);
    const frames = viewers.nobody.frames.slice(1).map((frame) => JSON.parse(frame));
    assertEquals(frames.map(({ type }) => type), ["state", "delta"]);
    assertEquals([frames[1].from, frames[1].offset], [offset, body.data.offset]);
  });
});

Deno.test("a planned freeze holds from its time on, whoever enters it", async () => {
  await using test = await openTestApp();
  const stage = await openSteeringStage(test);
  const { ann, bea, organiser } = stage;
  await stage.score(ann, 10);
  const freezeAt = new Date(test.time.now() + 60_000).toISOString();
  const planned = await test.call("PUT", `/competitions/${stage.id}`, {
    token: organiser.token,
    body: { freezeAt },
  });
  await stage.score(bea, 7);
  const offset = (await test.call("GET", `/leaderboard/${stage.id}`)).body.data.offset;
  await test.time.advance(60_000);

  const due = (await test.call("GET", `/leaderboard/${stage.id}`)).body.data;
  const update = await stage.score(bea, 50);
  const after = (await test.call("GET", `/leaderboard/${stage.id}`)).body.data;
  const competition = (await test.call("GET", `/competitions/${stage.id}`)).body.data;
  const entered = await test.services.lifecycle.freezeDue(test.time.now());
  await test.call("POST", `/competitions/${stage.id}/unfreeze`, {
    token: organiser.token,
    body: {},
  });
  await test.call("PUT", `/competitions/${stage.id}`, {
    token: organiser.token,
    body: { freezeAt: new Date(test.time.now() + 60_000).toISOString() },
  });
  await test.time.advance(60_000);
  const job = await test.services.jobs.runDue();
  const [last] = (await test.call("GET", `/competitions/${stage.id}/events`, {
    token: organiser.token,
  })).body.data;
  const log = await test.database.sql<{ kind: string; seq: number }[]>`
    select kind, seq from competition_log where competition_id = ${stage.id}
    order by seq desc limit 1`;

  assertEquals([planned.body.data.freezeAt, planned.body.data.frozen], [freezeAt, false]);
  assertEquals([due.frozen, due.offset], [true, offset]);
  assertEquals([update.body.data.score, update.body.data.rank], [57, null]);
  assertEquals([after.frozen, after.offset, after.rows[0].score], [true, offset, 10]);
  assertEquals([competition.frozen, competition.frozenAt, competition.freezeAt], [
    true,
    freezeAt,
    null,
  ]);
  assertEquals(entered, 0);
  assert(job.done.includes("competition.freeze_due") && job.failed.length === 0);
  assertEquals(log[0]!.kind, "freeze");
  assert(log[0]!.seq > last.seq);
});
