/** Exports of Apple Health of any size, as a phone with a watch writes them. */

/** What is known of a generated export. */
export interface AppleExport {
  chunks: Iterable<Uint8Array<ArrayBuffer>>;
  /** Filled while the chunks are taken. */
  facts: AppleExportFacts;
}

export interface AppleExportFacts {
  records: number;
  /** Readings of types that count. */
  kept: number;
  workouts: number;
  steps: number;
  bytes: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RECORDS_PER_CHUNK = 500;
/** A workout in so many records: one a day, at what a watch writes in one. */
const RECORDS_PER_WORKOUT = 1_500;

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 11 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST Record type CDATA #REQUIRED
]>
<HealthData locale="en_FI">
 <ExportDate value="2026-05-01 08:00:00 +0300"/>
 <Me HKCharacteristicTypeIdentifierDateOfBirth="" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet"/>
`;

interface Kind {
  type: string;
  unit: string;
  value: (n: number) => string;
  isKept: boolean;
  /** Of a hundred records. */
  share: number;
}

const KINDS: readonly Kind[] = [
  kind("HeartRate", "count/min", (n) => String(60 + n % 90), false, 35),
  kind("ActiveEnergyBurned", "Cal", (n) => (0.1 + (n % 90) / 100).toFixed(3), true, 25),
  kind(
    "DistanceWalkingRunning",
    "km",
    (n) => ((n % 70) / 1000 + 0.0123456789).toFixed(13),
    true,
    14,
  ),
  kind("StepCount", "count", (n) => String(1 + n % 120), true, 14),
  kind("BasalEnergyBurned", "Cal", (n) => (1 + n % 7).toFixed(2), false, 10),
  kind("FlightsClimbed", "count", () => "1", true, 2),
];

function kind(
  name: string,
  unit: string,
  value: Kind["value"],
  isKept: boolean,
  share: number,
): Kind {
  return { type: `HKQuantityTypeIdentifier${name}`, unit, value, isKept, share };
}

const TABLE = KINDS.flatMap((each) => Array<Kind>(each.share).fill(each));
const STEP_TYPE = "HKQuantityTypeIdentifierStepCount";

/** Generates an export of about so many bytes, whose newest record ends before the instant. */
export function appleExport(bytes: number, endsAt = Date.UTC(2026, 4, 1, 5)): AppleExport {
  const facts = { records: 0, kept: 0, workouts: 0, steps: 0, bytes: 0 };
  return { facts, chunks: generate(facts, bytes, endsAt) };
}

function* generate(
  facts: AppleExportFacts,
  bytesMax: number,
  endsAt: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const encode = (text: string) => {
    const bytes = encoder.encode(text);
    facts.bytes += bytes.length;
    return bytes;
  };
  yield encode(HEAD);
  while (facts.bytes < bytesMax) {
    let text = "";
    for (let n = 0; n < RECORDS_PER_CHUNK; n++) text += nextRecord(facts, endsAt);
    yield encode(text);
  }
  yield encode("</HealthData>\n");
}

function nextRecord(facts: AppleExportFacts, endsAt: number): string {
  const n = facts.records++;
  const { type, unit, value, isKept } = TABLE[(n * 37) % TABLE.length]!;
  // Newest first, a record a minute.
  const startedAt = endsAt - (n + 2) * MINUTE_MS;
  const amount = value(n);
  if (isKept) facts.kept++;
  if (type === STEP_TYPE) facts.steps += Number(amount);
  const record = `<Record type="${type}" sourceName="Mira’s Apple Watch" sourceVersion="11.4" ` +
    `device="&lt;&lt;HKDevice: 0x30${
      (0x1000000 + n % 0xffff).toString(16)
    }&gt;, name:Apple Watch, ` +
    `manufacturer:Apple Inc., model:Watch, hardware:Watch6,7, software:11.4&gt;" unit="${unit}" ` +
    `creationDate="${stamp(startedAt + MINUTE_MS)}" startDate="${stamp(startedAt)}" ` +
    `endDate="${stamp(startedAt + MINUTE_MS)}" value="${amount}"`;
  const whole = n % 10 === 0
    ? ` ${record}>\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="0"/>\n </Record>\n`
    : ` ${record}/>\n`;
  return n % RECORDS_PER_WORKOUT === 0 ? whole + workout(facts, startedAt) : whole;
}

function workout(facts: AppleExportFacts, startedAt: number): string {
  facts.workouts++;
  return ` <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="55.5" ` +
    `durationUnit="min" sourceName="Mira’s Apple Watch" sourceVersion="11.4" ` +
    `creationDate="${stamp(startedAt)}" startDate="${stamp(startedAt - HOUR_MS)}" ` +
    `endDate="${stamp(startedAt)}">\n` +
    `  <MetadataEntry key="HKTimeZone" value="Europe/Helsinki"/>\n` +
    `  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" ` +
    `startDate="${stamp(startedAt - HOUR_MS)}" endDate="${
      stamp(startedAt)
    }" sum="10.012" unit="km"/>\n` +
    ` </Workout>\n`;
}

/** As Apple writes instants: in the phone's zone at the export. */
function stamp(at: number): string {
  return new Date(at + 3 * HOUR_MS).toISOString().replace("T", " ").slice(0, 19) + " +0300";
}
