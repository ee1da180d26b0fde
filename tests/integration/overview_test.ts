import { assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import { createOverviewService } from "@/services/overview.ts";
import {
  ANONYMOUS,
  createBoardFixture,
  keyActor,
  userActor,
} from "@/tests/support/board_fixture.ts";

Deno.test("OverviewService.get() tells the node's figures and the competitions of today", async () => {
  await using fixture = await createBoardFixture();
  const { time, meter } = fixture;
  const live = { viewerCount: 7 };
  const overview = createOverviewService({ ...fixture, live, clock: time });
  const admin = userActor(await fixture.addUser("Ada", { role: "admin" }), { role: "admin" });
  const running = await fixture.addCompetition({ name: "Running" });
  const { userId } = await fixture.addParticipant(running, "Ann");
  await fixture.addParticipant(running, "Bea");
  await fixture.database.sql`update competitions set participant_count = 2 where id = ${running}`;
  await fixture.addCompetition({ name: "Soon", startsAt: time.now() + HOUR_MS });
  await fixture.addCompetition({ name: "Later", startsAt: time.now() + 2 * DAY_MS });
  await fixture.addCompetition({ name: "Draft", status: "draft" });
  await fixture.leaderboard.update(keyActor("scores:write"), {
    competitionId: running,
    userId,
    score: 5,
  });
  for (let second = 0; second < 10; second++) {
    time.advance(1000);
    meter.request(200);
    meter.request(second === 0 ? 500 : 200);
  }
  time.advance(1000);

  const told = await overview.get(admin);

  assertEquals(told.competitions.map(({ name, phase, leader }) => [name, phase, leader]), [
    ["Running", "active", { name: "Ann", score: 5 }],
    ["Soon", "registration", null],
  ]);
  assertEquals([told.activeCompetitions, told.participants, told.viewers], [1, 2, 7]);
  assertEquals(told.users, 7);
  assertEquals([told.requestsPerSecond, told.errorRate], [2, 0.05]);
  assertEquals(told.points.length, 120);
  assertEquals(told.points.reduce((sum, point) => sum + point.updates, 0), 1);
});

Deno.test("OverviewService.get() is for staff, and shows organisers what they may see", async () => {
  await using fixture = await createBoardFixture();
  const live = { viewerCount: 0 };
  const overview = createOverviewService({ ...fixture, live, clock: fixture.time });
  const owner = await fixture.addUser("Olga", { role: "organiser" });
  const secret = { visibility: "invite", inviteCode: "secret-1" } as const;
  await fixture.addCompetition({ name: "Own", ownerId: owner, ...secret });
  await fixture.addCompetition({ name: "Foreign", ...secret });
  const namesFor = async (role: "organiser" | "referee") =>
    (await overview.get(userActor(owner, { role }))).competitions.map(({ name }) => name).sort();
  const codeFor = async (actor: Parameters<typeof overview.get>[0]) =>
    (await assertRejects(() => overview.get(actor), DomainError)).code;

  assertEquals(await namesFor("organiser"), ["Own"]);
  assertEquals(await namesFor("referee"), ["Foreign", "Own"]);
  assertEquals(await codeFor(ANONYMOUS), "UNAUTHORIZED");
  assertEquals(await codeFor(userActor(owner)), "FORBIDDEN");
});
