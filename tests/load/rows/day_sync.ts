import type { AthleteSubject } from "../athlete_subject.ts";
import { requestBytes } from "../row.ts";
import type { LoadRow } from "../row.ts";

const CONNECTIONS = 16;
const HOUR_MS = 3_600_000;

/** What a phone sends of a day: 24 hourly records of steps and one workout, stored and scored. */
export const daySync: LoadRow = {
  name: "sync of a day (24 + 1)",
  connections: CONNECTIONS,
  prepare: async (stage) => syncsOf(await stage.athletes(1_000)),
};

/** The same where 100 000 take part: scoring one athlete must not know of the others. */
export const daySyncAmongMany: LoadRow = {
  name: "the same among 100 k",
  connections: CONNECTIONS,
  prepare: async (stage) => syncsOf(await stage.athletes(100_000)),
};

/** Everybody sends the first day, then everybody the next. */
function syncsOf(subject: AthleteSubject) {
  const { tokens, startsAt } = subject;
  let sent = 0;
  return {
    subject,
    next() {
      const day = Math.floor(sent / tokens.length);
      const token = tokens[sent++ % tokens.length]!;
      const headers = { "authorization": `Bearer ${token}`, "content-type": "application/json" };
      const body = JSON.stringify(dayOf(startsAt + day * 24 * HOUR_MS));
      return requestBytes("POST /api/v1/fitness/sync", headers, body);
    },
  };
}

function dayOf(from: number) {
  const time = (hour: number) => new Date(from + hour * HOUR_MS).toISOString();
  const source = { device: "Pixel Watch 3", recordingMethod: "automatic" };
  return {
    provider: "health_connect",
    records: Array.from({ length: 24 }, (_, hour) => ({
      id: `steps-${from}-${hour}`,
      type: "StepsRecord",
      start: time(hour),
      end: time(hour + 1),
      value: 200 + hour * 17,
      source,
    })),
    workouts: [{
      id: `run-${from}`,
      type: "running",
      start: time(6),
      end: time(6.5),
      distance: 5012.4,
      movingTime: 1_750,
      steps: 4_900,
      source: { ...source, recordingMethod: "active" },
    }],
  };
}
