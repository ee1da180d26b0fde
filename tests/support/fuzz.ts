/** Asks the app whatever fits its API document, and much that does not, as people of all kinds. */

import fc from "fast-check";
import type { ApiDocument } from "@/components/docs/api_document.ts";
import { openTestApp, TEST_PASSWORD, type TestApp, type TestPerson } from "./app.ts";
import { createFakeGateway } from "./fake_gateway.ts";
import { answerFaults, type FuzzAnswer } from "./fuzz_checks.ts";
import { type ActorName, type FuzzRequest, requestFor, targetsOf } from "./fuzz_requests.ts";
import type { KnownValues } from "./fuzz_values.ts";
import { createUser, userActor } from "./users.ts";

export interface FuzzOptions {
  /** Decides every request; print it, to repeat a run. */
  seed: number;
  runs: number;
}

/** What a run found. */
export interface FuzzReport {
  /** One line a fault, each kind once. */
  faults: string[];
  /** Answers by status. */
  statuses: Map<number, number>;
  /** Operations that answered with success at least once. */
  succeeded: Set<string>;
}

const HOUR_MS = 3_600_000;
/** Tokens last longer than the requests of one person. */
const STEP_MS = 50;

/** Runs on an app of its own. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  await using app = await openTestApp({ services: { gateway: createFakeGateway() } });
  const world = await openWorld(app);
  const document: ApiDocument = (await app.call("GET", "//openapi.json")).body;
  const context = { document, known: world.known };
  const targets = targetsOf(document);
  const arbitrary = fc.oneof(...targets.map((target) => requestFor(context, target)));
  const report: FuzzReport = { faults: [], statuses: new Map(), succeeded: new Set() };
  for (const request of fc.sample(arbitrary, { seed: options.seed, numRuns: options.runs })) {
    app.time.advance(STEP_MS);
    const answer = await send(app, world, request);
    note(report, request, answer, answerFaults(document, request, answer));
    await replaceLost(app, world, request, answer);
  }
  return report;
}

interface World {
  people: Map<ActorName, TestPerson>;
  known: KnownValues;
}

/** People of every kind, and competitions in several phases and of both kinds of scoring. */
async function openWorld(app: TestApp): Promise<World> {
  const [member, organiser, admin] = [
    await app.person("member"),
    await app.person("organiser"),
    await app.person("admin"),
  ];
  const make = async (part: object, isPublished = true) => {
    const { token } = organiser;
    const at = (hours: number) => new Date(app.time.now() + hours * HOUR_MS).toISOString();
    const body = { name: "Fuzz Cup", startsAt: at(-100), endsAt: at(1000), ...part };
    const created = await app.call("POST", "/competitions", { token, body });
    const { id, slug } = created.body.data;
    if (isPublished) await app.call("POST", `/competitions/${id}/publish`, { token });
    await app.call("POST", `/competitions/${id}/join`, { token: member.token });
    return { id, slug };
  };
  const direct = { kind: "direct", operator: "best", selfReport: true };
  const distance = { kind: "activity", metric: "distance" };
  const competitions = [
    await make({ scoring: direct }),
    await make({ scoring: { ...direct, operator: "increment", decimals: 2 } }),
    await make({ scoring: distance }),
    await make({ scoring: distance, visibility: "invite", inviteCode: "lynx-7421" }),
    await make({ scoring: direct }, false),
  ];
  return {
    people: new Map([["member", member], ["organiser", organiser], ["admin", admin]]),
    known: {
      userIds: [member.userId, organiser.userId, admin.userId],
      competitionIds: competitions.map(({ id }) => id),
      slugs: competitions.map(({ slug }) => slug),
      emails: [member.email, "new@example.org"],
      password: TEST_PASSWORD,
    },
  };
}

async function send(app: TestApp, world: World, request: FuzzRequest): Promise<FuzzAnswer> {
  const headers = new Headers(request.headers);
  const person = world.people.get(request.actor);
  if (person && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${person.token}`);
  }
  const { method, body } = request;
  const url = new URL(request.url, "http://localhost");
  const response = await app.app.fetch(new Request(url, { method, headers, body }));
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  if (isStream) await response.body?.cancel();
  const text = isStream ? "" : await response.text();
  return { status: response.status, headers: response.headers, text };
}

const FAULTS_MAX = 30;

function note(
  report: FuzzReport,
  request: FuzzRequest,
  answer: FuzzAnswer,
  faults: readonly string[],
): void {
  const { status } = answer;
  const { operation, method, path } = request.target;
  report.statuses.set(status, (report.statuses.get(status) ?? 0) + 1);
  if (status < 300) report.succeeded.add(operation.operationId ?? `${method} ${path}`);
  if (faults.length === 0 || report.faults.length >= FAULTS_MAX) return;
  const line = `${request.method} ${request.url.slice(0, 200)} as ${request.actor} ` +
    `${faults.join("; ")}\n    headers ${JSON.stringify(request.headers).slice(0, 300)}` +
    `\n    body ${bodyText(request)}`;
  report.faults.push(line);
}

function bodyText({ body }: FuzzRequest): string {
  if (body instanceof FormData) return "a form";
  return String(body).slice(0, 500);
}

/** Somebody may have signed out, been suspended or been deleted; another takes the place. */
async function replaceLost(
  app: TestApp,
  { people }: World,
  { actor, headers, target }: FuzzRequest,
  { status }: FuzzAnswer,
): Promise<void> {
  const isOwnToken = headers.authorization === undefined;
  const hasLeft = status === 401 || (status < 300 && target.operation.operationId === "logout");
  if (actor === "anonymous" || !isOwnToken || !hasLeft) return;
  await openSignUp(app);
  people.set(actor, await app.person(actor));
}

/** An admin of this run may have closed it. */
async function openSignUp({ database, services }: TestApp): Promise<void> {
  const admin = userActor(await createUser(database, { role: "admin" }), { role: "admin" });
  await services.settings.change(admin, { registrationOpen: true });
}
