import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { DomainError } from "@/domain/error.ts";
import { ProviderFault } from "@/domain/provider_fault.ts";
import { DAY_MS, HOUR_MS } from "@/domain/time.ts";
import { createMetrics } from "@/platform/metrics.ts";
import type { PullCursor, PulledPage } from "@/services/connections/fitness_provider.ts";
import { startGoogleFitServer } from "@/tests/support/google_fit_server.ts";
import { createGoogleFit } from "./google_fit.ts";

const NOW = Date.UTC(2026, 4, 3, 12, 20);
const SINCE = Date.UTC(2026, 4, 1, 0);
const STEPS = "com.google.step_count.delta";

function open() {
  const stack = new AsyncDisposableStack();
  const google = stack.use(startGoogleFitServer());
  const fit = stack.use(createGoogleFit({
    clientId: "app",
    clientSecret: "a secret of the app",
    baseUrl: google.url,
    now: () => NOW,
    metrics: createMetrics(),
    sleep: () => Promise.resolve(),
  }));
  const pull = (cursor: PullCursor | null) =>
    fit.pull({ accessToken: "access-1", cursor, since: SINCE, now: NOW });
  return { google, fit, pull, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function faultOf(work: () => Promise<unknown>): Promise<string> {
  return assertRejects(work, ProviderFault).then(({ kind }) => kind);
}

function session(id: string, at: number, activityType: number) {
  return {
    id,
    startTimeMillis: `${at}`,
    endTimeMillis: `${at + HOUR_MS}`,
    activityType,
    activeTimeMillis: "3000000",
  };
}

Deno.test("createGoogleFit() exchanges by PKCE, names the account, and keeps the refresh token", async () => {
  await using test = open();
  const { google, fit } = test;
  const challenge = createHash("sha256").update("verifier").digest("base64url");
  const redirectUri = "http://localhost/back";
  const asked = new URL(fit.authorizationUrl({ state: "s", challenge, redirectUri })).searchParams;
  google.challenge = asked.get("code_challenge")!;

  const grant = await fit.exchange({ code: "c", verifier: "verifier", redirectUri });
  const next = await fit.refresh(grant.refreshToken);

  assertEquals([asked.get("access_type"), asked.get("code_challenge_method")], ["offline", "S256"]);
  assertEquals([grant.accountId, grant.expiresAt], ["sub-7", NOW + 3_599_000]);
  assertEquals(fit.scopes.every((scope) => grant.scopes?.includes(scope)), true);
  assertEquals([next.accessToken, next.refreshToken], ["access-2", "refresh-1"]);
  assertEquals(
    await faultOf(() => fit.exchange({ code: "c", verifier: "guessed", redirectUri })),
    "unauthorised",
  );
  await fit.revoke(grant);
  assertEquals(await faultOf(() => fit.refresh("refresh-1")), "unauthorised");
});

Deno.test("pull() reads day by day and page by page, and goes on where it stopped", async () => {
  await using test = open();
  const { google, pull } = test;
  const noon = SINCE + 12 * HOUR_MS;
  google.points = [
    { type: STEPS, at: noon, value: 800 },
    { type: STEPS, at: noon + 60_000, value: 12 },
    { type: STEPS, at: noon + 120_000, value: 5000, isTyped: true },
    { type: "com.google.distance.delta", at: noon, value: 641.5 },
    { type: STEPS, at: NOW - 60_000, value: 99 },
  ];
  google.sessions = [
    session("run", noon, 8),
    session("sleep", noon, 72),
    session("ride", noon + HOUR_MS, 16),
    session("later", noon + DAY_MS, 999),
  ];

  const pages: PulledPage[] = [await pull(null)];
  while (!pages.at(-1)!.isLast) pages.push(await pull(pages.at(-1)!.next));

  assertEquals(
    pages.flatMap(({ records }) => records)
      .map(({ type, value, source }) => [type, value, source?.recordingMethod]),
    [
      [STEPS, 812, "automatic"],
      [STEPS, 5000, "manual"],
      ["com.google.distance.delta", 641.5, "automatic"],
    ],
    "the hour that is not over is not there yet",
  );
  assertEquals(
    pages.map(({ workouts }) => workouts.map(({ id, type }) => `${id} ${type}`)),
    [["run running"], ["ride cycling"], ["later other"], []],
  );
  assertEquals(pages.map(({ isLast }) => isLast), [false, false, false, true]);
  const end = Math.floor(NOW / HOUR_MS) * HOUR_MS;
  assertEquals(pages.at(-1)!.next, { from: end - 2 * DAY_MS, page: null });
  assertEquals(google.seen.filter((path) => path === "sessions").length, 4);
});

Deno.test("pull() tells a quota, an ended access and an operator's mistake apart", async () => {
  await using test = open();
  const { google, pull } = test;
  const reason = (name: string) => ({ error: { code: 403, errors: [{ reason: name }] } });

  google.faults = [{ status: 403, body: reason("userRateLimitExceeded") }];
  assertEquals(await faultOf(() => pull(null)), "quota");
  google.faults = [{ status: 429, body: {} }];
  assertEquals(await faultOf(() => pull(null)), "quota");
  google.faults = [{ status: 403, body: reason("insufficientPermissions") }];
  assertEquals(await faultOf(() => pull(null)), "unauthorised");
  google.faults = [{ status: 401, body: {} }];
  assertEquals(await faultOf(() => pull(null)), "unauthorised");
  google.faults = [{ status: 403, body: reason("accessNotConfigured") }];
  assertEquals(await faultOf(() => pull(null)), "refused");
  google.faults = [{ status: 200, body: { bucket: "odd" } }];
  assertEquals(await faultOf(() => pull(null)), "refused");
  google.faults = [{ status: 503, body: {} }, { status: 503, body: {} }];
  const away = await assertRejects(() => pull(null), DomainError);
  assertEquals(away.code, "SERVICE_UNAVAILABLE");
});
