/** A short competition with teams or divisions, called over the API. */

import { assertEquals } from "@std/assert";
import type { TestApp, TestPerson } from "./app.ts";

/** So short that the access tokens last for the whole competition. */
export const MINUTE_MS = 60_000;
/** Scores that people report themselves, added up. */
export const DIRECT = {
  kind: "direct",
  operator: "increment",
  direction: "higher",
  selfReport: true,
};

/** A competition with teams, and who plays in it. */
export interface Stage {
  organiser: TestPerson;
  id: string;
  /** Joins, and gives the participant's id. */
  enter(person: TestPerson, body?: object): Promise<string>;
  give(person: TestPerson, score: number): Promise<void>;
  teamBoard(token?: string): Promise<string[]>;
  team(name: string): Promise<string>;
}

/** A competition of three minutes that starts in one. */
export async function openStage(test: TestApp, input: object = {}): Promise<Stage> {
  const organiser = await test.person("organiser", "Olga Organiser");
  const now = test.time.now();
  const at = (ms: number) => new Date(now + ms).toISOString();
  const { token } = organiser;
  const made = await test.call("POST", "/competitions", {
    token,
    body: {
      ...{ name: "River Relay", startsAt: at(MINUTE_MS), endsAt: at(4 * MINUTE_MS), graceMs: 0 },
      ...{ scoring: DIRECT, teams: { score: "sum", creators: "members" }, ...input },
    },
  });
  assertEquals(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body.data;
  assertEquals((await test.call("POST", `/competitions/${id}/publish`, { token })).status, 200);
  return {
    organiser,
    id,
    async enter(person, body = {}) {
      const entry = await test.call("POST", `/competitions/${id}/join`, {
        token: person.token,
        body,
      });
      assertEquals(entry.status, 201, JSON.stringify(entry.body));
      return entry.body.data.participantId;
    },
    async give(person, score) {
      const update = await test.call("POST", "/leaderboard/update", {
        token: person.token,
        body: { competitionId: id, score },
      });
      assertEquals(update.status, 200, JSON.stringify(update.body));
    },
    async teamBoard(token) {
      const board = await test.call("GET", `/leaderboard/${id}/teams`, token ? { token } : {});
      return board.body.data.rows.map((
        { rank, name, score, members }: Record<string, unknown>,
      ) => `${rank ?? "-"} ${name} ${score} (${members})`);
    },
    async team(name) {
      const team = await test.call("POST", `/competitions/${id}/teams`, { token, body: { name } });
      assertEquals(team.status, 201, JSON.stringify(team.body));
      return team.body.data.id;
    },
  };
}

/** The code of a refusal, and the field it is about. */
export function refusal({ status, body }: Awaited<ReturnType<TestApp["call"]>>): string {
  const { code, details = [] } = body.error ?? {};
  return [status, code, ...details.map(({ field }: { field: string }) => field)].join(" ");
}
