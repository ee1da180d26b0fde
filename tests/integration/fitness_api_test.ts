/** Activity over HTTP: forms, limits of size and type, who may read what. */

import { assert, assertEquals } from "@std/assert";
import { ImportResult, ImportSummary, Stats } from "@/contracts/fitness.ts";
import { REJECT_REASONS } from "@/domain/activity.ts";
import { type Answer, openTestApp, type TestApp, type TestPerson } from "../support/app.ts";
import { runFile, settingsFile, steps, workout } from "../support/fitness.ts";

function assertFailure(answer: Answer, status: number, code: string): void {
  assertEquals(
    [answer.status, answer.body?.error?.code],
    [status, code],
    Deno.inspect(answer.body),
  );
}

function formOf(...entries: readonly (readonly [string, string | File])[]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) form.append(name, value);
  return form;
}

function fileOf(bytes: Uint8Array<ArrayBuffer>, name = "run.fit"): File {
  return new File([bytes], name);
}

async function competition(test: TestApp, organiser: TestPerson, scoring: object): Promise<string> {
  const { token } = organiser;
  const body = {
    name: "Cup",
    startsAt: "2000-01-01T00:00:00Z",
    endsAt: "2030-01-01T00:00:00Z",
    scoring,
  };
  const { id } = (await test.call("POST", "/competitions", { token, body })).body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token });
  return id;
}

Deno.test("POST /fitness/import answers what the file held, what it did, and the standing asked for", async () => {
  await using test = await openTestApp();
  const organiser = await test.person("organiser");
  const { token } = await test.person();
  const id = await competition(test, organiser, { kind: "activity", metric: "distance" });
  await test.call("POST", `/competitions/${id}/join`, { token });

  const form = formOf(["file", fileOf(runFile().bytes)], ["competitionId", id]);
  const answer = await test.call("POST", "/fitness/import", { token, form });

  assertEquals(answer.status, 200);
  const result = ImportResult.parse(answer.body.data);
  assertEquals(result.standing?.score, 5000);
  assertEquals(result.import.fileName, "run.fit");
  const path = `/fitness/imports/${result.import.id}`;
  const { standing: _, ...rest } = answer.body.data;
  assertEquals((await test.call("GET", path, { token })).body.data, rest);
});

Deno.test("POST /fitness/import names the field that is missing or is no file", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();
  const file = fileOf(runFile().bytes);
  const forms = {
    "no file": [formOf(["other", "1"]), "file"],
    "text": [formOf(["file", "run.fit"]), "file"],
    "two files": [formOf(["file", file], ["file", file]), "file"],
    "no id": [formOf(["file", file], ["competitionId", "cup"]), "competitionId"],
  } as const;

  for (const [name, [form, field]] of Object.entries(forms)) {
    const answer = await test.call("POST", "/fitness/import", { token, form });
    assertFailure(answer, 400, "VALIDATION_ERROR");
    assertEquals(answer.body.error.details[0].field, field, name);
  }
});

Deno.test("POST /fitness/import refuses files with a documented reason", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();

  const form = formOf(["file", fileOf(settingsFile().bytes)]);
  const settings = await test.call("POST", "/fitness/import", { token, form });
  const empty = await test.call("POST", "/fitness/import", {
    token,
    form: formOf(["file", fileOf(new Uint8Array())]),
  });

  assertFailure(settings, 400, "IMPORT_REJECTED");
  assertEquals(settings.body.error.details[0].code, "not_activity");
  assertFailure(empty, 400, "IMPORT_REJECTED");
  assert(empty.body.error.details[0].code in REJECT_REASONS);
  assertEquals((await test.call("GET", "/fitness/imports", { token })).body.meta.total, 0);
});

Deno.test("POST /fitness/import takes multipart forms only, and only signed-in", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();
  const form = () => formOf(["file", fileOf(runFile().bytes)]);

  const json = await test.call("POST", "/fitness/import", { token, body: {} });
  const plain = await test.call("POST", "/fitness/import", {
    token,
    body: "x",
    headers: { "content-type": "text/plain" },
  });
  const broken = await test.app.request("/api/v1/fitness/import", {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "multipart/form-data; boundary=x",
    },
    body: "--y\r\nnonsense",
  });

  assertFailure(json, 415, "UNSUPPORTED_MEDIA_TYPE");
  assertFailure(plain, 415, "UNSUPPORTED_MEDIA_TYPE");
  assertEquals([broken.status, (await broken.json()).success], [400, false]);
  assertFailure(await test.call("POST", "/fitness/import", { form: form() }), 401, "UNAUTHORIZED");
});

Deno.test("bodies above their limit are answered 413: files, syncs, and declared ones at once", async () => {
  await using test = await openTestApp({ env: { BODY_LIMIT_IMPORT: "100KiB" } });
  const { token } = await test.person();
  const form = formOf(["file", fileOf(new Uint8Array(300 * 1024))]);

  const file = await test.call("POST", "/fitness/import", { token, form });
  const sync = await test.app.request("/api/v1/fitness/sync", {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": String(11 * 1024 * 1024),
    },
    body: "{}",
  });

  assertFailure(file, 413, "PAYLOAD_TOO_LARGE");
  assertEquals([sync.status, (await sync.json()).error.code], [413, "PAYLOAD_TOO_LARGE"]);
});

Deno.test("POST /fitness/sync takes more than other JSON, and answers each record", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();
  const hour = (n: number) => Date.UTC(2026, 0, 1) + n * 3_600_000;
  const records = Array.from({ length: 2000 }, (_, n) =>
    steps(`hour-${n}`, n, {
      start: new Date(hour(n)).toISOString(),
      end: new Date(hour(n + 1)).toISOString(),
    }));
  const body = { provider: "health_connect", records, workouts: [workout("run", 5000)] };

  const answer = await test.call("POST", "/fitness/sync", { token, body });

  assert(JSON.stringify(body).length > 3 * 64 * 1024);
  assertEquals(answer.status, 200);
  assertEquals(ImportResult.parse(answer.body.data).import.counts.imported, 2001);
});

Deno.test("POST /fitness/sync names what is wrong with the request itself", async () => {
  await using test = await openTestApp();
  const { token } = await test.person();
  const send = (body: unknown) => test.call("POST", "/fitness/sync", { token, body });
  const unknownId = crypto.randomUUID();
  const faults: [unknown, string][] = [
    [{}, "provider"],
    [{ provider: "nobody", records: [steps("a", 1)] }, "provider"],
    [{ provider: "other" }, "records"],
    [{ provider: "other", records: "all" }, "records"],
    [{ provider: "other", records: Array(5001).fill(null) }, "records"],
    [{ provider: "other", records: [steps("a", 1)], competitionId: "cup" }, "competitionId"],
  ];

  for (const [body, field] of faults) {
    const answer = await send(body);
    assertFailure(answer, 400, "VALIDATION_ERROR");
    assertEquals(answer.body.error.details[0].field, field);
  }
  const request = { provider: "other", records: [steps("a", 1)], competitionId: unknownId };
  assertFailure(await send(request), 404, "NOT_FOUND");
  assertFailure(await test.call("POST", "/fitness/sync", { body: request }), 401, "UNAUTHORIZED");
  assertEquals((await test.call("GET", "/fitness/imports", { token })).body.meta.total, 0);
});

Deno.test("GET /fitness/imports pages through one's own, and nobody reads another's", async () => {
  await using test = await openTestApp();
  const [mira, odd, admin] = [
    await test.person(),
    await test.person("member", "Odd"),
    await test.person("admin"),
  ];
  const body = { provider: "other", records: [steps("a", 1)] };
  const { id } = (await test.call("POST", "/fitness/sync", { token: mira.token, body })).body.data
    .import;
  const read = (person: TestPerson, path: string) =>
    test.call("GET", `/fitness/imports${path}`, { token: person.token });

  const list = await read(mira, "?page_size=1");

  assertEquals([list.status, list.body.meta.total], [200, 1]);
  assertEquals(ImportSummary.parse(list.body.data[0]).id, id);
  assertEquals((await read(odd, "")).body.data, []);
  assertFailure(await read(odd, `/${id}`), 403, "FORBIDDEN");
  assertEquals((await read(admin, `/${id}`)).status, 200);
  assertFailure(await read(mira, `/${crypto.randomUUID()}`), 404, "NOT_FOUND");
  assertFailure(await read(mira, "/nothing"), 400, "VALIDATION_ERROR");
  assertFailure(await read(mira, "?page=0"), 400, "VALIDATION_ERROR");
  assertFailure(await read(mira, "?page_size=101"), 400, "VALIDATION_ERROR");
  assertFailure(await test.call("GET", `/fitness/imports/${id}`), 401, "UNAUTHORIZED");
});

Deno.test("GET /fitness/stats is for the athlete and admins, and refuses dates it cannot have", async () => {
  await using test = await openTestApp();
  const [mira, odd, admin] = [
    await test.person(),
    await test.person("member", "Odd"),
    await test.person("admin"),
  ];
  const body = { provider: "other", records: [steps("a", 812)] };
  await test.call("POST", "/fitness/sync", { token: mira.token, body });
  const read = (person: TestPerson, query = "") =>
    test.call("GET", `/fitness/stats/${mira.userId}${query}`, { token: person.token });

  const own = await read(mira, "?from=2026-05-01&to=2026-05-01&bucket=month");

  assertEquals(Stats.parse(own.body.data).totals.steps, 812);
  assertEquals((await read(admin)).status, 200);
  assertFailure(await read(odd), 403, "FORBIDDEN");
  assertFailure(await test.call("GET", `/fitness/stats/${mira.userId}`), 401, "UNAUTHORIZED");
  const faults = {
    "?from=2026-13-01": "from",
    "?from=yesterday": "from",
    "?to=2026-02-30": "to",
    "?to=0000-01-01": "to",
    "?to=9999-12-31": "to",
    "?from=1999-12-31": "from",
    "?from=2026-05-02&to=2026-05-01": "from",
    "?from=2020-01-01&to=2026-05-01": "from",
    "?bucket=year": "bucket",
  };
  for (const [query, field] of Object.entries(faults)) {
    const answer = await read(mira, query);
    assertFailure(answer, 400, "VALIDATION_ERROR");
    assertEquals(answer.body.error.details[0].field, field, query);
  }
});
