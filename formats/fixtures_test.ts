/** The facts that independent decoders agree on, for every real device file. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { ActivityRecord, RejectReason } from "@/domain/activity.ts";
import {
  deviceFilesTest,
  hasDeviceFiles,
  readDeviceFileBytes,
} from "@/tests/support/device_files.ts";
import { FormatError, readDeviceFile } from "./mod.ts";

const ignore = !hasDeviceFiles;

function activitiesOf(name: string): ActivityRecord[] {
  const { records } = readDeviceFile(readDeviceFileBytes(name));
  return records.filter((each) => each.kind === "activity");
}

/** Type, start, distance in m, timer in s: one row a session. */
type SessionFact = readonly [string, string, number, number];

const FIT_FACTS: Readonly<Record<string, readonly SessionFact[]>> = {
  "run_fr110.fit": [["running", "2013-02-06T12:11:14Z", 4835.38, 2625.14]],
  "ride_edge500_92km.fit": [["cycling", "2011-09-25T13:00:21Z", 92622.34, 10641.06]],
  "run_fenix2_9km.fit": [["running", "2015-08-15T14:45:08Z", 9008.22, 2832]],
  "multisport_fenix2_7sessions.fit": [
    ["other", "2015-08-29T08:00:01Z", 25072.07, 11738.24],
    ["running", "2015-08-29T10:36:00Z", 2245.23, 2294.84],
    ["running", "2015-08-29T11:14:21Z", 12740.37, 6764.48],
    ["cycling", "2015-08-29T13:11:37Z", 28928.27, 3211],
  ],
  "walk_fenix5_short.fit": [["walking", "2017-06-11T14:32:51Z", 67.85, 45.379]],
  "ride_fenix5_short.fit": [["cycling", "2017-06-12T16:09:22Z", 459.52, 60.363]],
  "ride_edge820_adjacent_8s_overlap.fit": [["cycling", "2017-06-12T16:10:15Z", 457.12, 64.524]],
  "swim_pool_fr735xt.fit": [["swimming", "2017-06-13T13:42:30Z", 2606.04, 4371.56]],
  "ride_zwift_virtual.fit": [["cycling", "2017-10-05T00:04:06Z", 13400.14, 1808]],
  "run_stryd_devfields.fit": [["running", "2017-01-17T17:06:47Z", 6753.99, 3424]],
  "ride_indoor_zero_distance.fit": [["cycling", "2011-11-02T12:54:19Z", 0, 2261.85]],
  "indoor_rowing_ciq_fields.fit": [["rowing", "2017-05-18T16:37:30Z", 0, 1707.308]],
  "ride_wahoo_long_pauses.fit": [["cycling", "2019-02-17T06:26:44Z", 78940.55, 13471]],
  "ride_coros_misaligned.fit": [["cycling", "2020-10-25T11:10:19Z", 32145.76, 11287]],
  "chained_second_bad_crc.fit": [["running", "2012-04-09T21:22:26Z", 5.73, 13.749]],
  "chained_second_bad_header.fit": [["running", "2012-04-09T21:22:26Z", 5.73, 13.749]],
};

for (const [name, facts] of Object.entries(FIT_FACTS)) {
  Deno.test({ name: deviceFilesTest(`${name} gives the sessions of its manifest`), ignore }, () => {
    const sessions = activitiesOf(name).map(({ type, startedAt, quantities }) => [
      type,
      new Date(startedAt).toISOString().replace(".000Z", "Z"),
      quantities.distance! / 1000,
      quantities.moving_time! / 1000,
    ]);

    assertEquals<unknown>(sessions, facts);
  });
}

const REFUSED: Readonly<Record<string, RejectReason>> = {
  "bad_crc.fit": "bad_crc",
  "bad_truncated.fit": "truncated",
  "not_activity_settings.fit": "not_activity",
  "run_fr70_relative_timestamps.fit": "relative_time",
  "route_only_no_track.gpx": "no_track",
  "track_unicode_bom.gpx": "no_track",
  "track_garmin_ext.gpx": "no_track",
  "track_without_times.gpx": "no_times",
  "track_mojstrovka.gpx": "invalid_interval",
  "apple_export_3.8MB.xml": "unknown_format",
  "apple_export_small_ahp.xml": "unknown_format",
  "apple_export_small_ahp.zip": "unknown_format",
  "apple_export_small_hts.xml": "unknown_format",
  "apple_export_small_hts_route.xml": "unknown_format",
  "manifest.json": "unknown_format",
  "README.md": "unknown_format",
};

for (const [name, reason] of Object.entries(REFUSED)) {
  Deno.test({ name: deviceFilesTest(`${name} is refused with ${reason}`), ignore }, () => {
    const bytes = readDeviceFileBytes(name);

    const error = assertThrows(() => readDeviceFile(bytes), FormatError);

    assertEquals(error.reason, reason);
  });
}

for (
  const [name, reason] of [
    ["chained_second_bad_crc.fit", "bad_crc"],
    ["chained_second_bad_header.fit", "malformed"],
  ] as const
) {
  Deno.test({ name: deviceFilesTest(`${name} rejects its second part`), ignore }, () => {
    const [, second, ...others] = readDeviceFile(readDeviceFileBytes(name)).records;

    assertEquals(others.length, 0);
    assertEquals(second?.kind === "rejected" && second.reason, reason);
  });
}

Deno.test({
  name: deviceFilesTest("steps_monitoring_vivofit_day.fit sums to 3173 steps within its day"),
  ignore,
}, () => {
  const { records, device } = readDeviceFile(
    readDeviceFileBytes("steps_monitoring_vivofit_day.fit"),
  );

  const samples = records.filter((each) => each.kind === "sample");
  const steps = samples.filter((each) => each.quantity === "steps");
  assertEquals(device, "garmin vivofit");
  assertEquals(samples.length, records.length);
  assertEquals(steps.reduce((sum, each) => sum + each.value, 0), 3142 + 31);
  assert(steps.some((each) => each.value === 31));
  for (const each of samples) {
    assert(each.startedAt >= Date.parse("2014-12-27T06:00:00Z"));
    assert(each.endedAt <= Date.parse("2014-12-28T06:00:00Z"));
    assertEquals(each.zoneOffsetMinutes, -360);
  }
});

Deno.test(
  { name: deviceFilesTest("two exports of one run give the same activity"), ignore },
  () => {
    const [withHeart] = activitiesOf("run_garmin.tcx");
    const [without] = activitiesOf("run_no_hr.tcx");

    assertEquals(withHeart, without);
    assertEquals(withHeart?.type, "running");
    assertEquals(new Date(withHeart!.startedAt).toISOString(), "2012-12-26T21:29:53.000Z");
    assertEquals(Math.floor(withHeart!.quantities.distance! / 10), 468_924);
    assertEquals(withHeart!.quantities.moving_time, 1_992_780);
    assertEquals(withHeart!.quantities.active_energy, 379_000);
  },
);

Deno.test({ name: deviceFilesTest("activity_sup.tcx gives its laps' sums"), ignore }, () => {
  const [activity] = activitiesOf("activity_sup.tcx");

  assertEquals(activity?.type, "other");
  assertEquals(activity?.quantities.distance, 1_157_510);
  assertAlmostEquals(activity!.quantities.moving_time!, 1_112_340, 10);
  assertEquals(activity?.quantities.active_energy, 92_000);
});

/** GPX: activities, metres by a library with R = 6 378 137 m, first start, last end. */
const GPX_FACTS: Readonly<Record<string, readonly [number, number, string, string]>> = {
  "track_by_car_cheat.gpx": [1, 2736.3, "2020-12-18T06:15:50Z", "2020-12-18T06:24:24Z"],
  "track_cerknicko.gpx": [7, 4580.1, "2010-08-05T14:23:59Z", "2010-08-05T16:23:49Z"],
  "track_empty_segment.gpx": [1, 85.9, "2013-07-06T17:26:26Z", "2013-07-06T17:27:42Z"],
  "apple_workout_route.gpx": [1, 0.4, "2019-06-11T22:00:42Z", "2019-06-11T22:00:43Z"],
};

for (const [name, [count, metres, start, end]] of Object.entries(GPX_FACTS)) {
  Deno.test({ name: deviceFilesTest(`${name} gives the length of its manifest`), ignore }, () => {
    const activities = activitiesOf(name);
    const distanceM = activities.reduce((sum, each) => sum + each.quantities.distance! / 1000, 0);

    assertEquals(activities.length, count);
    assertEquals(activities[0]?.startedAt, Date.parse(start));
    assertEquals(activities.at(-1)?.endedAt, Date.parse(end));
    // 0.2 % of the length, and the rounding of the fact itself.
    assertAlmostEquals(distanceM, metres, metres * 0.002 + 0.05);
  });
}

Deno.test({ name: deviceFilesTest("track_korita.gpx keeps its two timed tracks"), ignore }, () => {
  const { records } = readDeviceFile(readDeviceFileBytes("track_korita.gpx"));

  assertEquals(records.map((each) => each.kind === "rejected" ? each.reason : each.startedAt), [
    "no_times",
    Date.parse("2010-10-03T09:36:30Z"),
    Date.parse("2010-10-03T10:57:10Z"),
  ]);
});
