/** Laws of steering: what holds after any sequence of what staff and athletes do. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { users } from "@/db/schema.ts";
import { DomainError } from "@/domain/error.ts";
import type { Actor } from "@/domain/actor.ts";
import { TeamBoardQuery } from "@/contracts/teams.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { teamOf } from "@/domain/team_projection.ts";
import { projectTeams, teamStandings } from "@/domain/team_standings.ts";
import type { LogEntry } from "@/domain/log.ts";
import { HOUR_MS } from "@/domain/time.ts";
import { createBoardHistory } from "@/services/boards/board_history.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import type { BoardView } from "@/services/boards/boards.ts";
import { ANONYMOUS, DIRECT_RULES, userActor } from "@/tests/support/board_fixture.ts";
import { openTestServices, type TestServices } from "@/tests/support/services.ts";
import { findDifference } from "@/tools/verify_leaderboards.ts";

const PEOPLE = 4;
const TEAMS = 3;
const DIVISIONS = ["open", "masters"] as const;

type Step =
  | { do: "score"; who: number; value: number; ageMs: number }
  | { do: "adjust"; who: number; value: number }
  | { do: "void" | "reinstateEvent"; event: number }
  | { do: "disqualify" | "reinstate" | "join" | "leave"; who: number }
  | { do: "freeze" | "unfreeze" | "rules" }
  | { do: "move"; who: number; team: number | null; division: (typeof DIVISIONS)[number] }
  | { do: "choose"; who: number; team: number | null }
  | { do: "removeTeam"; team: number };

const who = fc.nat(PEOPLE - 1);
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("score" as const),
      who,
      value: fc.integer({ min: -2, max: 5 }),
      ageMs: fc.nat(3000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("adjust" as const), who, value: fc.nat(3) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("void" as const, "reinstateEvent" as const),
      event: fc.nat(20),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...["disqualify", "reinstate", "join", "leave"] as const,
      ),
      who,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(...["freeze", "unfreeze", "freeze", "rules"] as const),
    }),
  },
);

const teams = fc.option(fc.nat(TEAMS - 1), { freq: 4 });

/** What steps on people and boards are, and goings in and out of teams among them. */
const stepsInTeams: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: steps },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("choose" as const), who, team: teams }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      who,
      team: teams,
      division: fc.constantFrom(...DIVISIONS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("removeTeam" as const), team: fc.nat(TEAMS - 1) }),
  },
);

/** A competition of its own, with everybody who may act in it. */
async function setUp({ database, services, time }: TestServices) {
  async function addUser(role: "admin" | "member") {
    const id = crypto.randomUUID();
    const now = time.now();
    await database.db.insert(users).values({
      ...{ id, email: `${id}@example.org`, name: `P ${id.slice(0, 4)}`, role },
      ...{ accessChangedAt: now, createdAt: now, updatedAt: now },
    });
    return userActor(id, { role });
  }
  const admin = await addUser("admin");
  const people = [];
  for (let index = 0; index < PEOPLE; index++) people.push(await addUser("member"));
  const now = time.now();
  const { id } = await services.competitions.create(admin, {
    name: "Law Cup",
    description: "",
    visibility: "public",
    timeZone: "UTC",
    startsAt: new Date(now - HOUR_MS).toISOString(),
    endsAt: new Date(now + 1000 * HOUR_MS).toISOString(),
    graceMs: 0,
    scoring: {
      ...{ kind: "direct", operator: "increment", direction: "higher", decimals: 0 },
      selfReport: false,
    },
    rankMethod: "standard",
    tieBreaks: ["fewest_events"],
    divisions: [...DIVISIONS],
    teams: { score: "sum", creators: "staff", moves: "any_time" },
  });
  await services.competitions.publish(admin, id);
  const teamIds = [];
  for (let index = 0; index < TEAMS; index++) {
    teamIds.push((await services.teams.create(admin, id, { name: `Team ${index}` })).id);
  }
  for (const person of people.slice(1)) {
    await services.competitions.join(person, id, { division: "open" });
  }
  return { id, admin, people, teamIds, events: [] as string[] };
}

type Scene = Awaited<ReturnType<typeof setUp>>;

/** Does a step; what the rules refuse changes nothing. */
async function run({ database, services, time }: TestServices, scene: Scene, step: Step) {
  const { id, admin, people } = scene;
  const reason = { reason: "law" };
  const participantOf = async (index: number) => {
    const [row] = await database.sql<{ id: string }[]>`
      select id from participants where competition_id = ${id}
        and user_id = ${people[index]!.userId}`;
    return row?.id ?? crypto.randomUUID();
  };
  const eventOf = (index: number) => scene.events[index % Math.max(1, scene.events.length)];
  switch (step.do) {
    case "score": {
      const { userId } = people[step.who]!;
      const occurredAt = new Date(time.now() - step.ageMs).toISOString();
      await services.leaderboard.update(admin, {
        ...{ competitionId: id, userId, score: step.value, occurredAt },
      });
      break;
    }
    case "adjust":
      await services.corrections.adjust(admin, id, await participantOf(step.who), {
        ...{ score: step.value, operator: "increment", ...reason },
      });
      break;
    case "void":
    case "reinstateEvent": {
      const eventId = eventOf(step.event);
      const verb = step.do === "void" ? "voidEvent" : "reinstateEvent";
      if (eventId) await services.corrections[verb](admin, eventId, reason);
      break;
    }
    case "disqualify":
    case "reinstate":
      await services.corrections[step.do](admin, id, await participantOf(step.who), reason);
      break;
    case "join":
      await services.competitions.join(people[step.who]!, id, { division: "open" });
      break;
    case "leave":
      await services.competitions.leave(people[step.who]!, id);
      break;
    case "choose":
      if (step.team === null) await services.teams.leave(people[step.who]!, id);
      else await services.teams.join(people[step.who]!, id, scene.teamIds[step.team]!);
      break;
    case "move": {
      const teamId = step.team === null ? null : scene.teamIds[step.team]!;
      const to = { teamId, division: step.division, ...reason };
      await services.teams.move(admin, id, await participantOf(step.who), to);
      break;
    }
    case "removeTeam":
      await services.teams.remove(admin, id, scene.teamIds[step.team]!, {});
      break;
    case "freeze":
    case "unfreeze":
      await services.lifecycle[step.do](admin, id, {});
      break;
    case "rules": {
      const before = (await services.boards.view(id, "staff")).rules.rankMethod;
      const rankMethod = before === "standard" ? "dense" : "standard";
      await services.ruleVersions.change(admin, id, { rankMethod, ...reason });
    }
  }
}

async function attempt(test: TestServices, scene: Scene, step: Step): Promise<void> {
  await run(test, scene, step).catch((error) => {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
  });
  const rows = await test.database.sql<{ eventId: string }[]>`
    select event_id as "eventId" from competition_log
    where competition_id = ${scene.id} and kind = 'score' order by seq`;
  scene.events = rows.map(({ eventId }) => eventId);
}

/** What a view shows, as the pure function writes it. */
function shown(view: BoardView): unknown[] {
  return view.rows(0, view.total).map((row) => {
    const at = row.reachedAt === null ? null : Date.parse(row.reachedAt);
    return [row.participantId, row.division ?? null, row.status, row.score, at, row.rank];
  });
}

function expected(log: readonly LogEntry[], cut: { seq?: number; at?: number }): unknown[] {
  return standings(log, DIRECT_RULES, cut)
    .map((row) => [
      ...[row.participantId, row.division, row.status, row.score, row.reachedAt, row.rank],
    ]);
}

/** What the team board shows to somebody. */
async function shownTeams({ services }: TestServices, actor: Actor, id: string, asOf?: string) {
  const query = TeamBoardQuery.parse(asOf === undefined ? {} : { asOf });
  const { board } = await services.teams.board(actor, id, query);
  return board.rows.map(({ teamId, score, reachedAt, rank, members }) => {
    return [teamId, score, reachedAt === null ? null : Date.parse(reachedAt), rank, members];
  });
}

function expectedTeams(log: readonly LogEntry[], cut: { seq?: number; at?: number }): unknown[] {
  return teamStandings(log, DIRECT_RULES, cut)
    .map((row) => [row.teamId, row.score, row.reachedAt, row.rank, row.members]);
}

/** Where everybody is, by the rows and by the log. */
async function checkPlaces({ database }: TestServices, id: string, log: readonly LogEntry[]) {
  const rows = await database.sql<{ id: string; teamId: string | null }[]>`
    select id, team_id as "teamId" from participants where competition_id = ${id} order by id`;
  const projection = projectTeams(log, DIRECT_RULES);
  assertEquals(
    rows.map((row) => [row.id, row.teamId]),
    rows.map((row) => [row.id, teamOf(projection, row.id) ?? null]),
  );
}

/** The last number that the public is shown, by the log alone. */
function publicSeq(log: readonly LogEntry[]): number {
  const turn = log.findLast(({ kind }) => kind === "freeze" || kind === "unfreeze");
  return turn?.kind === "freeze" ? turn.seq - 1 : log.at(-1)!.seq;
}

/** Fails unless, whatever was done, every board is what the log says, to each audience and at any time. */
export async function checkBoardsFollowLog(numRuns: number): Promise<void> {
  await using test = await openTestServices();
  const log = createCompetitionLog({ database: test.database, clock: test.time });
  const history = createBoardHistory({ database: test.database, clock: test.time });
  const readLog = async (id: string) =>
    (await log.read(id, { after: 0, limit: 10_000 })).map(({ entry }) => entry);
  await fc.assert(
    fc.asyncProperty(fc.array(stepsInTeams, { minLength: 8, maxLength: 36 }), async (list) => {
      const scene = await setUp(test);
      const { id } = scene;
      const moments: number[] = [];
      for (const step of list) {
        await test.time.advance(1000);
        await attempt(test, scene, step);
        moments.push(test.time.now());
      }
      const entries = await readLog(id);
      const live = await test.services.boards.view(id, "staff");
      const open = await test.services.boards.view(id);

      assertEquals(await findDifference({ database: test.database, log }, id), undefined);
      assertEquals(shown(live), expected(entries, {}));
      assertEquals(open.offset, publicSeq(entries));
      assertEquals(shown(open), expected(entries, { seq: publicSeq(entries) }));
      assertEquals(await shownTeams(test, scene.admin, id), expectedTeams(entries, {}));
      assertEquals(
        await shownTeams(test, ANONYMOUS, id),
        expectedTeams(entries, { seq: publicSeq(entries) }),
      );
      await checkPlaces(test, id, entries);
      for (const at of moments.filter((_, index) => index % 5 === 0)) {
        const upTo = entries.filter((entry) => entry.arrivedAt <= at);
        assertEquals(shown(await history.asOf(live, at)), expected(entries, { at }));
        const asOf = new Date(at).toISOString();
        assertEquals(await shownTeams(test, scene.admin, id, asOf), expectedTeams(entries, { at }));
        assertEquals(
          shown(await history.asOf(open, at)),
          expected(entries, { seq: publicSeq(upTo) }),
        );
      }
      // A node that starts anew shows the same.
      test.services.boards.clear();
      assertEquals(shown(await test.services.boards.view(id)), shown(open));
    }),
    { numRuns },
  );
}

/** Fails unless voiding and reinstating, disqualifying and reinstating restore byte for byte. */
export async function checkUndoRestores(numRuns: number): Promise<void> {
  await using test = await openTestServices();
  const log = createCompetitionLog({ database: test.database, clock: test.time });
  const canonical = async (id: string) => {
    const entries = await log.read(id, { after: 0, limit: 10_000 });
    return canonicalStandings(standings(entries.map(({ entry }) => entry), DIRECT_RULES));
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 6, maxLength: 16 }),
      fc.nat(20),
      who,
      async (list, event, person) => {
        const scene = await setUp(test);
        for (const step of list) {
          await test.time.advance(1000);
          await attempt(test, scene, step);
        }
        // Whatever stands at the beginning must stand at the end.
        await attempt(test, scene, { do: "reinstateEvent", event });
        await attempt(test, scene, { do: "reinstate", who: person });
        const before = await canonical(scene.id);
        for (const verb of ["void", "reinstateEvent"] as const) {
          await attempt(test, scene, { do: verb, event });
        }
        for (const verb of ["disqualify", "reinstate"] as const) {
          await attempt(test, scene, { do: verb, who: person });
        }
        assertEquals(await canonical(scene.id), before);
        assertEquals(
          await findDifference({ database: test.database, log }, scene.id),
          undefined,
        );
      },
    ),
    { numRuns },
  );
}
