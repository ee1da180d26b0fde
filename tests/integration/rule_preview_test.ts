/** Trying rules over HTTP: what comes back, who may, and that nothing is written. */

import { assert, assertEquals } from "@std/assert";
import { RulePreview } from "@/contracts/rule_preview.ts";
import { openTestApp, type TestApp, type TestPerson } from "../support/app.ts";
import { runFile } from "../support/fitness.ts";

const RUNS = {
  kind: "activity",
  metric: "distance",
  aggregate: "total",
  activityTypes: ["running"],
};

async function compete({ call }: TestApp, { token }: TestPerson): Promise<string> {
  const body = {
    name: "Cup",
    startsAt: "2000-01-01T00:00:00Z",
    endsAt: "2030-01-01T00:00:00Z",
    scoring: { kind: "activity", metric: "distance" },
  };
  const { id } = (await call("POST", "/competitions", { token, body })).body.data;
  await call("POST", `/competitions/${id}/publish`, { token });
  return id;
}

Deno.test("POST /competitions/preview scores sample athletes and tells what does not count", async () => {
  await using test = await openTestApp();
  const { token } = await test.person("organiser");

  const { status, body } = await test.call("POST", "/competitions/preview", {
    token,
    body: { scoring: RUNS, timeZone: "Europe/Helsinki" },
  });

  assertEquals(status, 200);
  const preview = RulePreview.parse(body.data);
  assertEquals([preview.on, preview.total, preview.startsAt], [
    "samples",
    preview.rows.length,
    "2026-05-31T21:00:00.000Z",
  ]);
  const [first] = preview.rows;
  assertEquals([first?.name, first?.rank, first?.score, first?.counted], ["Runner", 1, 39_300, 4]);
  assertEquals(first?.records.filter(({ type }) => type === "running").map((one) => one.counted), [
    5200,
    8400,
    10_100,
    15_600,
  ]);
  const byHand = preview.rows.find(({ name }) => name === "By hand")!;
  assert(byHand.excluded.some(({ reason, records }) => reason === "manual" && records === 1));
  const wrong = await test.call("POST", "/competitions/preview", {
    token,
    body: { scoring: { ...RUNS, dailyCap: -1 } },
  });
  assertEquals([wrong.status, wrong.body.error.details[0].field], [400, "scoring.dailyCap"]);
});

Deno.test("POST /competitions/:id/preview tries a rule on what participants did, and writes nothing", async () => {
  await using test = await openTestApp();
  const organiser = await test.person("organiser");
  const { token } = organiser;
  const [mira, heron] = [await test.person("member", "Mira"), await test.person("member", "Heron")];
  const id = await compete(test, organiser);
  const upload = async (person: TestPerson, spec: Parameters<typeof runFile>[0]) => {
    await test.call("POST", `/competitions/${id}/join`, { token: person.token });
    const form = new FormData();
    form.append("file", new File([runFile(spec).bytes], "run.fit"));
    await test.call("POST", "/fitness/import", { token: person.token, form });
  };
  await upload(mira, { distanceM: 5000 });
  await upload(heron, { distanceM: 9000, sport: 2 });
  const seqOf = async () => (await test.call("GET", `/competitions/${id}/log`)).body.data.lastSeq;
  const before = await seqOf();

  const { body } = await test.call("POST", `/competitions/${id}/preview`, {
    token,
    body: { scoring: RUNS, on: "participants" },
  });

  const rows = RulePreview.parse(body.data).rows
    .map(({ name, rank, score, rankNow, scoreNow }) => [name, rank, score, rankNow, scoreNow]);
  assertEquals(rows, [["Mira", 1, 5000, 2, 5000], ["Heron", null, null, 1, 9000]]);
  assertEquals(body.data.rows[1].excluded, [
    { reason: "type_not_counted", records: 1, amount: 9000 },
  ]);
  assertEquals(await seqOf(), before);
});

Deno.test("rules are tried by organisers, and on a competition by its staff alone", async () => {
  await using test = await openTestApp();
  const organiser = await test.person("organiser");
  const id = await compete(test, organiser);
  const others = ["organiser", "referee", "admin", "member"] as const;
  const people = await Promise.all(others.map((role) => test.person(role)));
  const askedBy = async (path: string, tokens: readonly (string | undefined)[]) =>
    await Promise.all(tokens.map(async (token) => {
      const call = { body: { scoring: RUNS }, ...(token === undefined ? {} : { token }) };
      return (await test.call("POST", path, call)).status;
    }));
  const tokens = [organiser.token, ...people.map(({ token }) => token), undefined];

  assertEquals(await askedBy("/competitions/preview", tokens), [200, 200, 403, 200, 403, 401]);
  assertEquals(await askedBy(`/competitions/${id}/preview`, tokens), [
    200,
    403,
    200,
    200,
    403,
    401,
  ]);
});
