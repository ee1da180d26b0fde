import { assert, assertEquals } from "@std/assert";
import { openTestApp, type TestApp, type TestPerson } from "@/tests/support/app.ts";
import { appleExport } from "@/tests/support/apple_export.ts";
import { zip } from "@/tests/support/zip_writer.ts";
import {
  deviceFilesTest,
  hasDeviceFiles,
  readDeviceFileBytes,
} from "@/tests/support/device_files.ts";

const EXPORT_BYTES = 2_000_000;

async function upload(test: TestApp, person: TestPerson, name: string, bytes: BlobPart[]) {
  const form = new FormData();
  form.append("file", new File(bytes, name));
  return await test.call("POST", "/fitness/import", { form, token: person.token });
}

async function ended(test: TestApp, person: TestPerson, id: string) {
  await test.services.jobs.runDue();
  const { body } = await test.call("GET", `/fitness/imports/${id}`, { token: person.token });
  return body.data;
}

/** A competition of all that an athlete did, in a zone whose days are those of the file. */
async function compete(
  test: TestApp,
  person: TestPerson,
  scoring: Record<string, unknown>,
): Promise<string> {
  const organiser = await test.person("organiser");
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: `Steps ${crypto.randomUUID()}`,
      visibility: "public",
      timeZone: "Etc/GMT-2",
      startsAt: "2017-01-01T00:00:00Z",
      endsAt: "2026-12-01T00:00:00Z",
      scoring: {
        kind: "activity",
        metric: "steps",
        aggregate: "total",
        direction: "higher",
        ...scoring,
      },
    },
  });
  const { id } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });
  await test.call("POST", `/competitions/${id}/join`, { token: person.token });
  return id;
}

async function scoreOf(test: TestApp, competitionId: string): Promise<number> {
  const { body } = await test.call("GET", `/leaderboard/${competitionId}`);
  return body.data.rows[0].score;
}

function sqlRows(test: TestApp, person: TestPerson) {
  return test.database.sql<{ count: number; steps: number; device: string }[]>`
    select count(*), sum(value) filter (where quantity = 'steps')::bigint as steps,
      min(source_device) as device
    from samples where user_id = ${person.userId}`;
}

Deno.test("an export of Health is read as a job and stored once, whatever is sent how often", async (t) => {
  await using test = await openTestApp();
  const person = await test.person();
  const made = appleExport(EXPORT_BYTES, test.time.now() - 60_000);
  const chunks = [...made.chunks];
  const { facts } = made;
  let importId = "";

  await t.step("the upload is answered at once, with where to look", async () => {
    const answer = await upload(test, person, "export.xml", chunks);
    importId = answer.body.data.import.id;

    assertEquals([answer.status, answer.body.data.import.status], [202, "queued"]);
    assertEquals(answer.body.data.import.progress.percent, 0);
  });
  await t.step("the job stores every reading that counts", async () => {
    const { import: summary } = await ended(test, person, importId);

    assertEquals(summary.status, "done");
    assertEquals(summary.progress.percent, 100);
    assertEquals(summary.progress.records, facts.records);
    assertEquals(summary.counts.imported, facts.kept + facts.workouts);
    const [row] = await sqlRows(test, person);
    assertEquals({ ...row }, {
      count: facts.kept,
      steps: facts.steps,
      device: "Apple Inc. Watch6,7",
    });
  });
  await t.step("the same again, zipped, is a duplicate", async () => {
    const answer = await upload(test, person, "Export.zip", [
      await zip([{ name: "apple_health_export/Export.xml", bytes: await whole(chunks) }]),
    ]);
    const { import: summary } = await ended(test, person, answer.body.data.import.id);

    assertEquals([answer.status, summary.status], [202, "done"]);
    assertEquals(summary.counts, {
      imported: 0,
      duplicate: facts.kept + facts.workouts,
      merged: 0,
      flagged: 0,
      rejected: 0,
    });
  });
  await t.step("a file that breaks off gives what was before", async () => {
    const other = await test.person();
    const half = chunks.slice(0, Math.floor(chunks.length / 2));
    const answer = await upload(test, other, "export.xml", half);
    const result = await ended(test, other, answer.body.data.import.id);

    assertEquals(result.import.status, "done");
    assert(result.import.counts.imported > 1_000);
    assertEquals(result.records.at(-1).reason, "truncated");
  });
  await t.step("a job that was interrupted begins again and stores nothing twice", async () => {
    const other = await test.person();
    const answer = await upload(test, other, "export.xml", chunks);
    const { id } = answer.body.data.import;
    await test.services.jobs.runDue();
    // As if the process had died between its last batch and its end.
    await test.database.sql`
      update imports set status = 'running', imported_count = 0 where id = ${id}`;
    const again = await upload(test, other, "export.xml", chunks);
    const result = await ended(test, other, again.body.data.import.id);

    assertEquals(result.import.counts.duplicate, facts.kept + facts.workouts);
    assertEquals((await sqlRows(test, other))[0]!.count, facts.kept);
  });
});

Deno.test("what is no export of Health is refused at the upload, with its reason", async () => {
  await using test = await openTestApp();
  const person = await test.person();
  const entity = `<!DOCTYPE HealthData [<!ENTITY a "b">]><HealthData/>`;
  const files: [string, BlobPart[], number, string][] = [
    [
      "two.zip",
      [
        await zip([
          { name: "a.fit", bytes: bytesOf("x") },
          { name: "b.fit", bytes: bytesOf("x") },
        ]),
      ],
      400,
      "unknown_format",
    ],
    [
      "nested.zip",
      [await zip([{ name: "inner.zip", bytes: bytesOf("PK") }])],
      400,
      "archive_refused",
    ],
    [
      "path.zip",
      [await zip([{ name: "../export.xml", bytes: bytesOf("<HealthData/>") }])],
      400,
      "archive_refused",
    ],
    [
      "bomb.zip",
      [await zip([{ name: "export.xml", bytes: new Uint8Array(20_000_000) }])],
      400,
      "too_large",
    ],
    [
      "cut.zip",
      [(await zip([{ name: "export.xml", bytes: bytesOf("x") }])).slice(0, 60)],
      400,
      "truncated",
    ],
    ["run.fit.gz", [bytesOf("\x1f")], 400, "unknown_format"],
    ["entity.xml", [entity], 202, "entity_refused"],
    ["empty.xml", ["<HealthData></HealthData>"], 202, "not_activity"],
  ];
  for (const [name, bytes, status, reason] of files) {
    const answer = await upload(test, person, name, bytes);

    assertEquals(answer.status, status, name);
    if (status === 400) assertEquals(answer.body.error.details[0].code, reason, name);
    else {
      const { import: summary } = await ended(test, person, answer.body.data.import.id);
      assertEquals([summary.status, summary.reason], ["rejected", reason], name);
    }
  }
});

Deno.test({
  name: deviceFilesTest("the export of the fixtures gives its step totals by each rule"),
  ignore: !hasDeviceFiles,
  async fn() {
    await using test = await openTestApp();
    const person = await test.person();
    const rules = {
      all: await compete(test, person, { manualPolicy: "include", overlap: "sum" }),
      automatic: await compete(test, person, { manualPolicy: "exclude", overlap: "sum" }),
      largest: await compete(test, person, { manualPolicy: "exclude", overlap: "largest_source" }),
      union: await compete(test, person, { manualPolicy: "exclude", overlap: "interval_union" }),
    };
    const bytes = readDeviceFileBytes("apple_export_3.8MB.xml");

    const answer = await upload(test, person, "export.xml", [bytes]);
    const { import: summary } = await ended(test, person, answer.body.data.import.id);

    assertEquals([summary.progress.records, summary.progress.workouts], [11_101, 61]);
    const [sums] = await test.database.sql<{ all: number; byHand: number; others: number }[]>`
      select sum(value)::bigint as all,
        (sum(value) filter (where recording_method = 'manual'))::bigint as "byHand",
        (sum(value) filter (where recording_method <> 'manual'))::bigint as others
      from samples where user_id = ${person.userId} and quantity = 'steps'`;
    assertEquals({ ...sums }, { all: 349_765, byHand: 50_419, others: 299_346 });
    const scores = Object.entries(rules).map(async ([rule, id]) => [rule, await scoreOf(test, id)]);
    assertEquals(Object.fromEntries(await Promise.all(scores)), {
      all: 349_765,
      automatic: 299_346,
      largest: 282_066,
      union: 294_865,
    });
  },
});

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function whole(chunks: Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
