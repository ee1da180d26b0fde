import type {
  ActivityRecord,
  ActivityType,
  Quantities,
  Quantity,
  RecordSource,
  RejectedRecord,
  SpeedTrace,
} from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";

/** Dates with four-digit years; beyond them neither ISO text nor SQL agree on a form. */
const INSTANT_MIN: EpochMs = Date.parse("0001-01-01T00:00:00Z");
const INSTANT_MAX: EpochMs = Date.UTC(10_000, 0, 1) - 1;

/** An activity as a reader found it, before it is checked; amounts already in stored units. */
export interface ActivityDraft {
  type: ActivityType;
  startedAt: EpochMs | undefined;
  endedAt: EpochMs | undefined;
  zoneOffsetMinutes: number | null;
  quantities: Readonly<Partial<Record<Quantity, number | undefined>>>;
  source: RecordSource;
  trace?: SpeedTrace | undefined;
}

/** Rounds the amounts and checks interval and values: the record, or why it cannot be used. */
export function finishActivity(draft: ActivityDraft): ActivityRecord | RejectedRecord {
  const { startedAt, endedAt } = draft;
  if (startedAt === undefined || endedAt === undefined) {
    return rejected("no_times", "Cannot read activity: it has no start or end");
  }
  if (!isInstant(startedAt) || !isInstant(endedAt)) {
    return rejected("invalid_value", "Cannot read activity: its times are no dates");
  }
  if (endedAt <= startedAt) {
    return rejected("invalid_interval", "Cannot read activity: its end is not after its start");
  }
  const quantities = roundQuantities(draft.quantities);
  if (!quantities) {
    return rejected("invalid_value", "Cannot read activity: an amount is negative or too large");
  }
  const { type, zoneOffsetMinutes, source, trace } = draft;
  const record = { type, startedAt, endedAt, zoneOffsetMinutes, quantities, source };
  return { kind: "activity", ...record, ...(trace && { trace }) };
}

function isInstant(at: EpochMs): boolean {
  return Number.isSafeInteger(at) && at >= INSTANT_MIN && at <= INSTANT_MAX;
}

function roundQuantities(amounts: ActivityDraft["quantities"]): Quantities | undefined {
  const quantities: Quantities = {};
  for (const [quantity, amount] of Object.entries(amounts) as [Quantity, number | undefined][]) {
    if (amount === undefined) continue;
    const rounded = Math.round(amount);
    if (!Number.isSafeInteger(rounded) || rounded < 0) return undefined;
    quantities[quantity] = rounded;
  }
  return quantities;
}

function rejected(reason: RejectedRecord["reason"], message: string): RejectedRecord {
  return { kind: "rejected", reason, message };
}
