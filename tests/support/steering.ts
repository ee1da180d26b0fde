/** A running competition with two athletes and everybody who may, or may not, steer it. */

import type { EventRow } from "@/contracts/corrections.ts";
import { standings } from "@/domain/standings.ts";
import { canonicalStandings } from "@/domain/standings.ts";
import { DAY_MS } from "@/domain/time.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { DIRECT_RULES } from "./board_fixture.ts";
import { type Answer, TEST_PASSWORD, type TestApp, type TestPerson } from "./app.ts";

/** Somebody who takes part. */
export interface StagedAthlete extends TestPerson {
  participantId: string;
}

export type SteeringStage = Awaited<ReturnType<typeof openSteeringStage>>;

/** Opens the competition: scores add up, and athletes report themselves. */
export async function openSteeringStage(test: TestApp, change: Record<string, unknown> = {}) {
  const organiser = await test.person("organiser", "Olga Organiser");
  const referee = await test.person("referee", "Rolf Referee");
  const finance = await test.person("finance", "Fay Finance");
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: "Push-up Cup",
      startsAt: new Date(now - DAY_MS / 24).toISOString(),
      endsAt: new Date(now + DAY_MS).toISOString(),
      scoring: { kind: "direct", operator: "increment", direction: "higher", selfReport: true },
      ...change,
    },
  });
  const { id, slug }: { id: string; slug: string } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });

  async function addAthlete(name: string): Promise<StagedAthlete> {
    const person = await test.person("member", name);
    const { body } = await test.call("POST", `/competitions/${id}/join`, {
      token: person.token,
      body: {},
    });
    return { ...person, participantId: body.data.participantId };
  }
  const log = createCompetitionLog({ database: test.database, clock: test.time });
  return {
    ...{ id, slug, organiser, referee, finance, addAthlete },
    ann: await addAthlete("Ann"),
    bea: await addAthlete("Bea"),
    /** An athlete reports a score. */
    score: (athlete: TestPerson, score: number): Promise<Answer> =>
      test.call("POST", "/leaderboard/update", {
        token: athlete.token,
        body: { competitionId: id, score },
      }),
    judge: (token: string, { participantId }: StagedAthlete, verb: "disqualify" | "reinstate") =>
      test.call("POST", `/competitions/${id}/participants/${participantId}/${verb}`, {
        token,
        body: { reason: "Unfit shoes" },
      }),
    adjust: (token: string, { participantId }: StagedAthlete, body: Record<string, unknown>) =>
      test.call("POST", `/competitions/${id}/participants/${participantId}/adjust`, {
        token,
        body: { reason: "Timekeeper", ...body },
      }),
    async events(query: Record<string, string>): Promise<EventRow[]> {
      const token = await signIn(test, organiser);
      const search = new URLSearchParams(query);
      return (await test.call("GET", `/competitions/${id}/events?${search}`, { token })).body.data;
    },
    /** The rows as one line each: rank, name, score. */
    async lines(person?: TestPerson): Promise<string[]> {
      const call = person === undefined ? {} : { token: person.token };
      const { body } = await test.call("GET", `/leaderboard/${id}`, call);
      return body.data.rows.map((row: { rank: number | null; name: string; score: number }) =>
        `${row.rank ?? "-"} ${row.name} ${row.score}`
      );
    },
    /** What a replay of the log gives, canonically. */
    async canonical(): Promise<string> {
      const entries = await log.read(id, { after: 0, limit: 10_000 });
      return canonicalStandings(standings(entries.map(({ entry }) => entry), DIRECT_RULES));
    },
    pass: ({ days }: { days: number }) => test.time.advance(days * DAY_MS),
    /** A token of now, as those of before a jump of the clock have expired. */
    signIn: (person: TestPerson) => signIn(test, person),
  };
}

async function signIn(test: TestApp, { email }: TestPerson): Promise<string> {
  const { body } = await test.call("POST", "/auth/login", {
    body: { email, password: TEST_PASSWORD },
  });
  return body.data.accessToken;
}
