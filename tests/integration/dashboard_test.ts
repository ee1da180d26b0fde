/** What concerns one person: today, standings, news; who may read it, and what a freeze hides. */

import { assertEquals } from "@std/assert";
import { Dashboard, UserCompetition } from "@/contracts/dashboard.ts";
import { openTestApp, type TestApp, type TestPerson } from "../support/app.ts";
import { runFile } from "../support/fitness.ts";
import { createManualTime } from "../support/manual_time.ts";

/** A Friday. */
const NOON = Date.parse("2026-05-01T12:00:00Z");

function world(): Promise<TestApp> {
  return openTestApp({ time: createManualTime(NOON) });
}

async function compete(
  { call }: TestApp,
  { token }: TestPerson,
  { endsAt = "2026-06-01T00:00:00Z", ...scoring }: Record<string, unknown> = {},
): Promise<string> {
  const body = {
    name: "Cup",
    startsAt: "2026-04-01T00:00:00Z",
    endsAt,
    scoring: { kind: "activity", metric: "distance", ...scoring },
  };
  const { id } = (await call("POST", "/competitions", { token, body })).body.data;
  await call("POST", `/competitions/${id}/publish`, { token });
  return id;
}

async function run(
  { call }: TestApp,
  { token }: TestPerson,
  spec: Parameters<typeof runFile>[0],
): Promise<void> {
  const form = new FormData();
  form.append("file", new File([runFile(spec).bytes], "run.fit"));
  assertEquals((await call("POST", "/fitness/import", { token, form })).status, 200);
}

Deno.test("GET /users/:id/dashboard tells today, the week, standings with their gaps and news", async () => {
  await using test = await world();
  const organiser = await test.person("organiser");
  const [mira, heron, lynx] = await Promise.all(
    ["Mira", "Heron", "Lynx"].map((name) => test.person("member", name)),
  );
  const id = await compete(test, organiser);
  const later = await compete(test, organiser, { endsAt: "2026-07-01T00:00:00Z" });
  for (const { token } of [mira!, heron!, lynx!]) {
    await test.call("POST", `/competitions/${id}/join`, { token });
  }
  await test.call("POST", `/competitions/${later}/join`, { token: mira!.token });
  await run(test, lynx!, { start: "2026-04-20T06:00:00Z", distanceM: 9000 });
  await run(test, heron!, { start: "2026-04-21T06:00:00Z", distanceM: 6000 });
  // Wednesday of this week, and today.
  await run(test, mira!, { start: "2026-04-29T06:00:00Z", distanceM: 1500 });
  await run(test, mira!, { start: "2026-05-01T06:00:00Z", distanceM: 4000 });

  const answer = await test.call("GET", `/users/${mira!.userId}/dashboard`, mira);

  const board = Dashboard.parse(answer.body.data);
  assertEquals([board.today.day, board.today.totals.distance], ["2026-05-01", 4000]);
  assertEquals([board.week.from, board.week.to], ["2026-04-27", "2026-05-01"]);
  assertEquals(board.week.days.map(({ totals }) => totals.distance), [0, 0, 1500, 0, 4000]);
  assertEquals([board.week.totals.distance, board.week.totals.activities], [5500, 2]);
  assertEquals(board.competitions.map(({ competition }) => competition.id), [id, later]);
  assertEquals(board.competitions[0]!.me, {
    score: 5500,
    rank: 3,
    total: 3,
    next: { rank: 2, name: "Heron", gap: 500 },
    gapToLeader: 3500,
  });
  assertEquals(board.competitions[0]!.timeLeftMs, Date.parse("2026-06-01T00:00:00Z") - NOON);
  assertEquals(board.competitions[0]!.timeElapsed, 30.5 / 61);
  assertEquals(board.competitions[1]!.me.next, null);
  assertEquals(board.imports.length, 2);
  assertEquals([board.reviewsWaiting, board.noticesUnread], [0, 0]);
});

Deno.test("GET /users/:id/dashboard and /competitions are for the person and admins", async () => {
  await using test = await world();
  const [organiser, admin] = [await test.person("organiser"), await test.person("admin")];
  const [mira, other] = [await test.person(), await test.person()];
  const asked = [mira, admin, other, organiser, { token: undefined }];

  for (const path of ["dashboard", "competitions"]) {
    const statuses = await Promise.all(asked.map(async ({ token }) => {
      const call = token === undefined ? {} : { token };
      return (await test.call("GET", `/users/${mira.userId}/${path}`, call)).status;
    }));
    assertEquals(statuses, [200, 200, 403, 403, 401], path);
  }
  const nobody = crypto.randomUUID();
  assertEquals((await test.call("GET", `/users/${nobody}/dashboard`, admin)).status, 404);
});

Deno.test("GET /users/:id/competitions of a frozen board has the own score and no rank", async () => {
  await using test = await world();
  const organiser = await test.person("organiser");
  const [mira, heron, admin] = [
    await test.person(),
    await test.person(),
    await test.person("admin"),
  ];
  const id = await compete(test, organiser);
  for (const { token } of [mira, heron]) {
    await test.call("POST", `/competitions/${id}/join`, { token });
  }
  await run(test, heron, { start: "2026-04-20T06:00:00Z", distanceM: 5000 });
  const frozen = await test.call("POST", `/competitions/${id}/freeze`, {
    token: organiser.token,
    body: { reason: "The last hours" },
  });
  assertEquals(frozen.status, 200);
  await run(test, mira, { start: "2026-04-20T06:00:00Z", distanceM: 7000 });
  await test.person("member").then(({ token }) =>
    test.call("POST", `/competitions/${id}/join`, { token })
  );

  const read = async ({ token }: { token: string }) => {
    const { body } = await test.call("GET", `/users/${mira.userId}/competitions`, { token });
    return UserCompetition.parse(body.data[0]);
  };
  const own = await read(mira);
  const seen = await read(admin);

  const hidden = { rank: null, next: null, gapToLeader: null };
  assertEquals(own.me, { score: 7000, total: 2, ...hidden });
  assertEquals(own.competition.participantCount, 2);
  assertEquals([seen.me.rank, seen.me.total, seen.me.gapToLeader], [1, 3, 0]);
});

Deno.test("GET /users/:id/competitions pages, filters, and leaves out what was left unless asked", async () => {
  await using test = await world();
  const organiser = await test.person("organiser");
  const { token, userId } = await test.person();
  const ids: string[] = [];
  for (const endsAt of ["2026-05-01T12:05:00Z", "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"]) {
    ids.push(await compete(test, organiser, { endsAt }));
  }
  const [over, running, left] = ids as [string, string, string];
  for (const id of ids) await test.call("POST", `/competitions/${id}/join`, { token });
  await test.call("POST", `/competitions/${left}/leave`, { token });
  await test.time.advance(10 * 60_000);

  const list = async (query: string) => {
    const { body } = await test.call("GET", `/users/${userId}/competitions${query}`, { token });
    return [body.data.map((one: UserCompetition) => one.competition.id), body.meta.total];
  };
  assertEquals(await list(""), [[running, over], 2]);
  assertEquals(await list("?participation=withdrawn"), [[left], 1]);
  assertEquals(await list("?phase=active"), [[running], 1]);
  assertEquals(await list("?phase=grace&status=published"), [[over], 1]);
  assertEquals(await list("?status=final"), [[], 0]);
  assertEquals(await list("?page=2&page_size=1"), [[over], 2]);
});
