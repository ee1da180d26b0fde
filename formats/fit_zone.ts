import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@/domain/time.ts";
import { type FitMessage, isRelativeTime } from "./fit_decode.ts";

const QUARTER_HOUR_MIN = 15;
/** Zones lie between UTC−12 and UTC+14. */
const ZONE_OFFSET_MAX_MS = 14 * HOUR_MS;
/** Devices take the two times a moment apart; more than this is not a zone but a wrong clock. */
const ZONE_SLACK_MS = 2 * MINUTE_MS;

/** Minutes east of UTC from a message's local and absolute time; null when they tell none. */
export function zoneOffset(message: FitMessage, localField: number): number | null {
  const local = message.number(localField);
  const absolute = message.timestamp;
  if (local === undefined || absolute === undefined) return null;
  if (isRelativeTime(local) || isRelativeTime(absolute)) return null;
  const offsetMs = (local - absolute) * SECOND_MS;
  const minutes = Math.round(offsetMs / MINUTE_MS / QUARTER_HOUR_MIN) * QUARTER_HOUR_MIN;
  const isZone = Math.abs(minutes * MINUTE_MS) <= ZONE_OFFSET_MAX_MS &&
    Math.abs(offsetMs - minutes * MINUTE_MS) <= ZONE_SLACK_MS;
  return isZone ? minutes + 0 : null;
}
