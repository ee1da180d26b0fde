import { assertEquals, assertMatch } from "@std/assert";
import { openTestApp, TEST_PASSWORD, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { documentRoads, look, lookEverywhere } from "@/tests/support/freeze_roads.ts";
import { createPageClient, mainText } from "@/tests/support/page_client.ts";
import { openStage, type Stage } from "@/tests/support/team_stage.ts";

/** Who is in it, and where. */
interface Groups {
  slug: string;
  teams: readonly string[];
  people: readonly { userId: string; participantId: string }[];
}

const DIVISIONS = ["Open", "Masters"];

/** Each road of the document for each team, participant and division, and the pages. */
async function groupRoads(test: TestApp, { id }: Stage, groups: Groups): Promise<string[]> {
  const { slug, teams, people } = groups;
  const fill = (path: string) =>
    people.flatMap(({ userId, participantId }) =>
      teams.map((teamId) =>
        "/" + path.replace(/\{(\w+)\}/g, (_, name: string) => {
          if (name === "teamId") return teamId;
          if (name === "participantId") return participantId;
          if (name === "competitionId" || (name === "id" && path.includes("/competitions/"))) {
            return id;
          }
          return name === "code" ? "NOT_FOUND" : userId;
        })
      )
    );
  const board = `//api/v1/leaderboard/${id}`;
  const page = `//c/${slug}`;
  const divisions = DIVISIONS.flatMap((division) => [
    ...["", "&top=1", "&page=1&page_size=1", "&around=me"].map((rest) =>
      `${board}?division=${division}${rest}`
    ),
    `//api/v1/competitions/${id}/participants?division=${division}`,
    ...[page, `${page}/groups`].map((path) => `${path}?division=${division}`),
  ]);
  return [
    ...await documentRoads(test, fill),
    ...divisions,
    ...["teams", "divisions", "log", "board"].map((what) =>
      `//api/v1/competitions/${id}/export?what=${what}`
    ),
    ...teams.flatMap((team) => [
      `//api/v1/competitions/${id}/participants?team=${team}`,
      `${page}/teams/${team}`,
    ]),
    ...[page, `${page}/groups`, `${page}/prizes`, `${page}/result`, `${page}?view=wall`],
    ...people.map(({ participantId }) => `${page}/why/${participantId}`),
  ];
}

/** What the pages say to somebody who is signed in; the own score, which is theirs to know, left out. */
async function readPages(test: TestApp, { email }: TestPerson, paths: readonly string[]) {
  const browser = createPageClient(test);
  await browser.get("/sign-in");
  await browser.post("/sign-in", { email, password: TEST_PASSWORD });
  const texts: [string, string][] = [];
  for (const path of paths) texts.push([path, mainText(await browser.get(path))]);
  return texts;
}

Deno.test("frozen boards of teams and divisions leak by no road either", async (t) => {
  await using test = await openTestApp();
  const stage = await openStage(test, {
    divisions: DIVISIONS,
  });
  const { id, organiser } = stage;
  const { slug } = (await test.call("GET", `/competitions/${id}`)).body.data;
  const teams = [await stage.team("Otters"), await stage.team("Herons")];
  const people: (TestPerson & { participantId: string })[] = [];
  for (const [n, name] of ["Ann", "Bea", "Cid", "Dag", "Eve"].entries()) {
    const person = await test.person("member", name);
    const body = { teamId: teams[n % 2], division: DIVISIONS[n % 2] };
    people.push({ ...person, participantId: await stage.enter(person, body) });
  }
  const [ann, bea, cid, dag, eve] = people as [Person, Person, Person, Person, Person];
  const stranger = await test.person("organiser", "Sten Stranger");
  test.time.advance(60_000);
  for (const [n, person] of people.entries()) await stage.give(person, 10 - n);
  test.time.advance(1);
  const act = (person: TestPerson, path: string, body: object = {}) =>
    test.call("POST", path, { token: person.token, body });
  assertEquals((await act(organiser, `/competitions/${id}/freeze`)).status, 200);
  test.time.advance(1);
  const roads = await groupRoads(test, stage, { slug, teams, people });
  const tokens = { nobody: undefined, eve: eve.token, stranger: stranger.token };
  const paths = ["", "/groups", `/teams/${teams[0]}`, `/teams/${teams[1]}`, "/prizes"]
    .map((rest) => `/c/${slug}${rest}`);
  const before = await lookEverywhere(test, roads, tokens);
  const pages = await readPages(test, eve, [...paths, "/", "/me", "/me/competitions"]);

  await t.step("scores, moves, judgements and newcomers happen meanwhile", async () => {
    await stage.give(bea, 500);
    await stage.give(dag, 90);
    const late = await test.person("member", "Fay");
    const moved = { teamId: teams[1], division: "Masters", reason: "Wrong boat" };
    const done = [
      await act(cid, `/competitions/${id}/teams/leave`),
      await act(organiser, `/competitions/${id}/participants/${ann.participantId}/move`, moved),
      await act(organiser, `/competitions/${id}/participants/${dag.participantId}/disqualify`, {
        reason: "Fins",
      }),
      await act(late, `/competitions/${id}/join`, { teamId: teams[0], division: "Open" }),
      await act(late, "/leaderboard/update", { competitionId: id, score: 77 }),
    ];
    assertEquals(done.filter(({ status }) => status >= 300).map(({ body }) => body), []);
  });

  await t.step("nothing moved on any road but for staff", async () => {
    const after = await lookEverywhere(test, roads, tokens);
    const leaks = [...before].filter(([road, answer]) => after.get(road) !== answer);
    assertEquals(leaks.map(([road, was]) => [road, was, after.get(road)]), []);
    assertEquals(await readPages(test, eve, [...paths, "/", "/me", "/me/competitions"]), pages);
    test.services.boards.clear();
    const team = `//api/v1/leaderboard/${id}/teams`;
    assertEquals(await look(test, team, undefined), before.get(`nobody ${team}`));
    assertMatch((await stage.teamBoard(organiser.token))[0]!, /^1 Herons 5\d\d /);
  });
});

type Person = TestPerson & { participantId: string };
