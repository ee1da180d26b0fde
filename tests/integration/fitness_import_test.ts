/** Device files on a real database: what they store, what they score, what they leave untouched. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ImportResult } from "@/contracts/fitness.ts";
import { DomainError } from "@/domain/error.ts";
import { FILE_READER_LIMITS } from "@/services/activity/file_reader.ts";
import type { UploadedFile } from "@/services/activity/fitness.ts";
import { deviceFilesTest, hasDeviceFiles, readDeviceFileBytes } from "../support/device_files.ts";
import { chain } from "../support/fit_writer.ts";
import {
  type FitnessWorld,
  openFitnessWorld,
  runFile,
  settingsFile,
  STEPS,
  trackFile,
} from "../support/fitness.ts";

function deviceFile(name: string): UploadedFile {
  return { name, bytes: readDeviceFileBytes(name) };
}

function outcomes({ records }: ImportResult): string[] {
  return records.map(({ outcome }) => outcome);
}

/** Refuses with the reason, and not one row of any table comes or goes. */
async function assertRefused(
  world: FitnessWorld,
  { file, reason }: { file: UploadedFile; reason: string },
): Promise<DomainError> {
  const actor = await world.athlete(await world.compete());
  const before = await world.countRows();

  const error = await assertRejects(() => world.upload(actor, file), DomainError);

  assertEquals([error.code, error.details?.[0]?.field, error.details?.[0]?.code], [
    "IMPORT_REJECTED",
    "file",
    reason,
  ]);
  assertEquals(error.message.startsWith("Cannot import the file: "), true);
  assertEquals(await world.countRows(), before);
  assertEquals((await world.services.fitness.imports(actor, { page: 1, page_size: 20 })).total, 0);
  return error;
}

Deno.test("importFile() scores two runs to the metre, and the same again changes nothing", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const files = [
    runFile({ start: "2013-02-06T12:11:14Z", distanceM: 4835.38 }),
    runFile({ start: "2014-02-06T12:11:14Z", distanceM: 9008.22 }),
  ];

  const answers = [];
  for (const file of files) answers.push(await world.upload(actor, file, cup));
  const log = await world.entries(cup);
  const { offset } = answers[1]!.standing!;
  const again = [];
  for (const file of files) again.push(await world.upload(actor, file, cup));

  assertEquals(answers.map(outcomes), [["imported"], ["imported"]]);
  assertEquals(answers.map(({ standing }) => standing?.score), [4835, 13_843]);
  assertEquals(await world.board(cup), new Map([[actor.userId, 13_843]]));
  assertEquals(again.map(outcomes), [["duplicate"], ["duplicate"]]);
  assertEquals(again.map(({ standing }) => [standing?.score, standing?.offset]), [
    [13_843, offset],
    [13_843, offset],
  ]);
  assertEquals(await world.entries(cup), log);
  assertEquals(log.filter(({ kind }) => kind === "score").length, 2);
  assertEquals(again[0]!.competitions[0]?.counted, [{ recordIndex: 0, amount: 4835.38 }]);
});

Deno.test("importFile() tells what the file held and what it did", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const file = { ...runFile({ distanceM: 5000.5 }), name: "C:\\runs\\morning\0 run\u0007.fit" };

  const answer = await world.upload(actor, file);

  assertEquals(answer.import.counts, {
    imported: 1,
    duplicate: 0,
    merged: 0,
    flagged: 0,
    rejected: 0,
  });
  const { kind, provider, format, fileName, sizeBytes, status, createdAt } = answer.import;
  assertEquals([kind, provider, format, fileName, sizeBytes, status, createdAt], [
    ...["file", "file", "fit", "morning run .fit", file.bytes.length, "done"],
    "2026-05-01T12:00:00.000Z",
  ]);
  const [record] = answer.records;
  assertEquals([record?.kind, record?.type, record?.values.distance], [
    "activity",
    "running",
    5000.5,
  ]);
  assertEquals(record?.startedAt, "2026-04-20T06:00:00.000Z");
  assertEquals(answer.competitions, [{
    ...{ competitionId: cup, slug: "distance-cup", name: "Distance Cup" },
    ...{ scoreBefore: null, score: 5000, rank: 1 },
    counted: [{ recordIndex: 0, amount: 5000.5 }],
    excluded: [],
  }]);
  assertEquals(answer.standing, undefined);
  assertEquals(await world.services.fitness.getImport(actor, answer.import.id), answer);
});

Deno.test("importFile() keeps the end of a long name, and no name where there is none", async () => {
  await using world = await openFitnessWorld();
  const actor = await world.athlete();
  const named = async (name: string) =>
    (await world.upload(actor, { ...runFile(), name })).import.fileName;

  assertEquals(await named("x".repeat(300) + ".fit"), "x".repeat(251) + ".fit");
  assertEquals(await named("\u{1f3c3}".repeat(400)), "\u{1f3c3}".repeat(255));
  assertEquals(await named("\ud800.fit"), "\ufffd.fit");
  assertEquals(await named("\0\n"), null);
  assertEquals(await named(""), null);
});

Deno.test("importFile() knows a file by its content: another name is the same, another athlete's waits on both", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const [mira, odd] = [await world.athlete(cup), await world.athlete(cup)];

  const first = await world.upload(mira, runFile());
  const renamed = await world.upload(mira, { ...runFile(), name: "other.fit" });
  const others = await world.upload(odd, runFile());

  assertEquals([outcomes(renamed), outcomes(others)], [["duplicate"], ["flagged"]]);
  assertEquals(renamed.records[0]?.activityId, first.records[0]?.activityId);
  assertEquals(await world.board(cup), new Map([[mira.userId, null], [odd.userId, null]]));
});

Deno.test("importFile() refuses what it cannot use, with its reason, and stores nothing", async (t) => {
  await using world = await openFitnessWorld();
  const broken = runFile();
  broken.bytes[40]! ^= 0xff;
  const text = (content: string) => new TextEncoder().encode(content);
  const day = "2026-05-02T07:00:00Z";
  const cases: Record<string, UploadedFile> = {
    "bad_crc": broken,
    "truncated": { name: "cut.fit", bytes: runFile().bytes.slice(0, -40) },
    "not_activity": settingsFile(),
    "no_times": trackFile(null),
    "empty": { name: "empty.fit", bytes: new Uint8Array() },
    "unknown_format": { name: "run.fit", bytes: text("something else altogether") },
    "malformed": { name: "run.gpx", bytes: text(`<gpx creator="x"><trk><trkseg></trk></gpx>`) },
    "entity_refused": {
      name: "bomb.gpx",
      bytes: text(`<!DOCTYPE gpx [<!ENTITY a "b">]><gpx creator="x"><trk>&a;</trk></gpx>`),
    },
    "future": trackFile([day, "2026-05-02T07:01:00Z", "2026-05-02T07:02:00Z"]),
    "ancient": trackFile(["1999-05-01T07:00:00Z", "1999-05-01T07:01:00Z", "1999-05-01T07:02:00Z"]),
    "invalid_interval": trackFile([
      ...["2026-01-01T07:00:00Z", "2026-01-20T07:00:00Z", "2026-03-01T07:00:00Z"],
    ]),
  };

  for (const [reason, file] of Object.entries(cases)) {
    await t.step(reason, async () => void await assertRefused(world, { file, reason }));
  }
});

Deno.test("importFile() asks who sends before it reads anything", async () => {
  await using world = await openFitnessWorld();
  const anonymous = { kind: "anonymous", requestId: null, address: null } as const;

  const error = await assertRejects(
    () => world.services.fitness.importFile(anonymous, runFile(), {}),
    DomainError,
  );

  assertEquals(error.code, "UNAUTHORIZED");
});

Deno.test("importFile() rejects the broken part of a file alone", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const broken = runFile({ start: "2026-04-21T06:00:00Z" }).bytes;
  broken[40]! ^= 0xff;

  const answer = await world.upload(actor, {
    name: "chained.fit",
    bytes: chain(runFile().bytes, broken),
  });

  assertEquals(outcomes(answer), ["imported", "rejected"]);
  assertEquals(answer.records[1]?.reason, "bad_crc");
  assertEquals(answer.competitions[0]?.score, 5000);
  assertEquals(answer.competitions[0]?.excluded, []);
});

Deno.test("importFile() reads a large file in a worker, and knows it again", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete();
  const actor = await world.athlete(cup);
  const times = Array.from(
    { length: 4000 },
    (_, n) => new Date(Date.UTC(2026, 3, 20, 6) + n * 1000).toISOString(),
  );
  assert(trackFile(times).bytes.length > FILE_READER_LIMITS.inlineBytesMax);

  const first = await world.upload(actor, trackFile(times), cup);
  const again = await world.upload(actor, trackFile(times), cup);

  assertEquals(first.import.sizeBytes, trackFile(times).bytes.length);
  // A degree a second is fast for a run.
  assertEquals([outcomes(first), outcomes(again)], [["flagged"], ["duplicate"]]);
  assertEquals(again.standing, first.standing);
  const cut = trackFile(times).bytes.slice(0, -20);
  await assertRefused(world, { file: { name: "cut.gpx", bytes: cut }, reason: "malformed" });
});

Deno.test("importFile() scores the moving time of a track", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({
    scoring: { kind: "activity", metric: "moving_time", activityTypes: ["running"] },
  });
  const actor = await world.athlete(cup);
  const times = ["2026-05-01T07:00:00Z", "2026-05-01T07:00:30Z", "2026-05-01T07:01:00Z"];

  const track = await world.upload(actor, trackFile(times));

  assertEquals([track.import.format, outcomes(track)], ["gpx", ["imported"]]);
  assertEquals(await world.board(cup), new Map([[actor.userId, 60]]));
});

const MAIN_JOB = "real device files: two runs give 13 843 m, once";
Deno.test({
  name: deviceFilesTest(MAIN_JOB),
  ignore: !hasDeviceFiles,
  async fn() {
    await using world = await openFitnessWorld();
    const cup = await world.compete();
    const actor = await world.athlete(cup);
    const files = ["run_fr110.fit", "run_fenix2_9km.fit"].map(deviceFile);

    const answers = [];
    for (const file of files) answers.push(await world.upload(actor, file, cup));
    const log = await world.entries(cup);
    const rows = await world.countRows();
    const again = [];
    for (const file of files) again.push(await world.upload(actor, file, cup));

    assertEquals(answers.map(({ standing }) => standing?.score), [4835, 13_843]);
    assertEquals(await world.board(cup), new Map([[actor.userId, 13_843]]));
    assert(again.flatMap(outcomes).every((outcome) => outcome === "duplicate"));
    assertEquals(again.at(-1)?.standing, answers.at(-1)?.standing);
    assertEquals(await world.entries(cup), log);
    assertEquals(await world.countRows(), { ...rows, imports: rows.imports! + 2 });
  },
});

Deno.test({
  name: deviceFilesTest("real device files: a day of monitoring gives 3 173 steps"),
  ignore: !hasDeviceFiles,
  async fn() {
    await using world = await openFitnessWorld();
    const cup = await world.compete({ scoring: STEPS });
    const actor = await world.athlete(cup);

    const answer = await world.upload(actor, deviceFile("steps_monitoring_vivofit_day.fit"), cup);
    const again = await world.upload(actor, deviceFile("steps_monitoring_vivofit_day.fit"), cup);

    assertEquals(answer.standing?.score, 3173);
    assert(outcomes(answer).every((outcome) => outcome === "imported"));
    assert(outcomes(again).every((outcome) => outcome === "duplicate"));
    assertEquals(again.standing, answer.standing);
  },
});

Deno.test({
  name: deviceFilesTest(
    "real device files: damaged and foreign ones are refused with their reason",
  ),
  ignore: !hasDeviceFiles,
  async fn(t) {
    await using world = await openFitnessWorld();
    const reasons = {
      "bad_crc.fit": "bad_crc",
      "bad_truncated.fit": "truncated",
      "not_activity_settings.fit": "not_activity",
      "track_without_times.gpx": "no_times",
      "route_only_no_track.gpx": "no_track",
      "run_fr70_relative_timestamps.fit": "relative_time",
    };
    for (const [name, reason] of Object.entries(reasons)) {
      await t.step(name, async () => {
        await assertRefused(world, { file: deviceFile(name), reason });
      });
    }
  },
});

Deno.test({
  name: deviceFilesTest("real device files: every one is imported or refused, never a fault"),
  ignore: !hasDeviceFiles,
  async fn() {
    await using world = await openFitnessWorld();
    const actor = await world.athlete(
      await world.compete(),
      await world.compete({ scoring: STEPS }),
    );
    const names = Array.from(Deno.readDirSync(Deno.env.get("DEVICE_FILES")!), ({ name }) => name)
      .filter((name) => /\.(fit|tcx|gpx)$/.test(name)).sort();

    for (const name of names) {
      const answer = await world.upload(actor, deviceFile(name)).catch((error) => {
        assert(
          error instanceof DomainError && error.code === "IMPORT_REJECTED",
          `${name}: ${error}`,
        );
      });
      if (!answer) continue;
      const again = await world.upload(actor, deviceFile(name));
      assertEquals(again.import.counts.imported, 0, name);
      assertEquals(
        again.competitions.map(({ score }) => score),
        answer.competitions.map(({ score }) => score),
        name,
      );
    }
    assert(names.length > 20);
  },
});
