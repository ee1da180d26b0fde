/** An athlete, a competition and a server that speaks Strava's protocol, for tests of connections. */

import { assertEquals } from "@std/assert";
import { DAY_MS } from "@/domain/time.ts";
import { createStrava } from "@/external/strava.ts";
import { createAccessTokens } from "@/platform/jwt.ts";
import { createMetrics } from "@/platform/metrics.ts";
import { createSealer } from "@/platform/sealing.ts";
import { openTestApp, type TestApp, type TestPerson } from "./app.ts";
import { createManualTime } from "./manual_time.ts";
import { createTestServices } from "./services.ts";
import { startStravaServer } from "./strava_server.ts";

export const OLD_KEY = "an old key of thirty-two characters or more";
export const NEW_KEY = "a new key of thirty-two characters or more!";
export const VERIFY_TOKEN = "told to strava once";
export const PATH = "/fitness/connections/strava";

/** A node's part, and an app of one node where Mira takes part in a competition of distance. */
export async function openWorld() {
  const stack = new AsyncDisposableStack();
  const time = createManualTime();
  const strava = stack.use(startStravaServer(() => time.now()));
  const setup = (keys: readonly string[]) => ({
    providers: [stack.use(createStrava({
      clientId: strava.client.id,
      clientSecret: strava.client.secret,
      baseUrl: strava.url,
      now: () => time.now(),
      metrics: createMetrics(),
      sleep: () => Promise.resolve(),
    }))],
    sealer: createSealer(keys),
    publicUrl: "http://localhost:8080",
    stravaVerifyToken: VERIFY_TOKEN,
  });
  // Nobody signs in anew while hours pass.
  const tokens = createAccessTokens({
    secrets: ["a test secret of at least thirty-two characters"],
    ...{ issuer: "paceboard", audience: "paceboard", ttlMs: 30 * DAY_MS, clock: time },
  });
  const test = stack.use(
    await openTestApp({ time, services: { tokens, connections: setup([OLD_KEY]) } }),
  );
  return {
    ...test,
    strava,
    setup,
    /** Another node with keys of its own. */
    node: (keys: readonly string[]) =>
      stack.use(createTestServices(test.database, time, undefined, { connections: setup(keys) })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

export async function begin({ call }: TestApp, { token }: TestPerson): Promise<string> {
  const { status, body } = await call("POST", PATH, { token });
  assertEquals(status, 201);
  return body.data.authorizationUrl;
}

export async function connect(world: World, person: TestPerson, athlete: number): Promise<URL> {
  const back = world.strava.consent(await begin(world, person), athlete);
  const { status, body } = await world.call("GET", callbackOf(back), { token: person.token });
  assertEquals([status, body.data?.status], [200, "active"], Deno.inspect(body));
  return back;
}

export function callbackOf(back: URL): string {
  return `/${back.pathname}${back.search}`;
}

export async function stateOf({ call }: TestApp, { token }: TestPerson) {
  return (await call("GET", "/fitness/connections", { token })).body.data[0];
}

export async function run({ services }: Pick<TestApp, "services">): Promise<void> {
  assertEquals((await services.jobs.runDue()).failed, []);
}

export async function sessions(
  { call }: TestApp,
  { userId, token }: TestPerson,
): Promise<number[]> {
  const { body } = await call("GET", `/users/${userId}/activity`, { token });
  return body.data.map((one: { values: { distance: number } }) => one.values.distance);
}

export async function importCount({ call }: TestApp, { token }: TestPerson): Promise<number> {
  return (await call("GET", "/fitness/imports", { token })).body.meta.total;
}

export async function newestNotice({ call }: TestApp, { userId, token }: TestPerson) {
  return (await call("GET", `/users/${userId}/notices`, { token })).body.data[0];
}

export async function compete({ call }: TestApp, organiser: TestPerson, athlete: TestPerson) {
  const body = {
    name: "Cup",
    startsAt: "2000-01-01T00:00:00Z",
    endsAt: "2030-01-01T00:00:00Z",
    scoring: { kind: "activity", metric: "distance" },
  };
  const { token } = organiser;
  const { id } = (await call("POST", "/competitions", { token, body })).body.data;
  await call("POST", `/competitions/${id}/publish`, { token });
  await call("POST", `/competitions/${id}/join`, { token: athlete.token });
  return async () => (await call("GET", `/leaderboard/${id}`, { token })).body.data.rows[0]?.score;
}
