import { activity, sample, START, WINDOW } from "@/tests/support/scoring_oracle.ts";
import { dayAt, splitByDay } from "./days.ts";
import { scoreActivity, type ScoringInput } from "./scoring.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

const ZONE = "Europe/Helsinki";
const MONTH = { ...WINDOW, endsAt: START + 30 * DAY_MS, timeZone: ZONE };

/** A month of five-minute samples from a phone and a watch. */
const samples = Array.from({ length: 10_000 }, (_, index) => {
  const startedAt = START + (index % 5000) * 8 * MINUTE_MS;
  const app = index < 5000 ? "phone" : "watch";
  return sample(`sample-${index}`, {
    value: index % 300,
    startedAt,
    endedAt: startedAt + 5 * MINUTE_MS,
    source: { app, recordingMethod: "automatic" },
  });
});

const activities = Array.from({ length: 60 }, (_, index) => {
  const startedAt = START + index * 12 * HOUR_MS;
  return activity(`activity-${index}`, { startedAt, endedAt: startedAt + HOUR_MS });
});

const steps: ScoringInput = {
  scoring: {
    kind: "activity",
    metric: "steps",
    aggregate: "total",
    direction: "higher",
    manualPolicy: "exclude",
    dailyCap: 20_000,
  },
  competition: MONTH,
  activities,
  samples,
};

Deno.bench("scoring: 10 000 step samples and 60 activities of a month", () => {
  scoreActivity(steps);
});

const distance: ScoringInput = {
  ...steps,
  scoring: { ...steps.scoring, metric: "distance", activityTypes: ["running"] },
  samples: [],
};

Deno.bench("scoring: distance of 60 activities", () => {
  scoreActivity(distance);
});

Deno.bench("days: the remembered day of an instant", () => {
  dayAt(START + 5 * HOUR_MS, ZONE);
});

let unseen = START;

Deno.bench("days: a day asked for the first time", { n: 2000 }, () => {
  dayAt(unseen += DAY_MS, ZONE);
});

const night = { startedAt: START - HOUR_MS, endedAt: START + 7 * HOUR_MS, value: 12_345 };

Deno.bench("days: split a night's value over two days", () => {
  splitByDay(night, ZONE);
});
