import { assertEquals } from "@std/assert";
import {
  type CompetitionFormValues,
  EMPTY_COMPETITION,
  type ScoringFormValues,
} from "@/components/competition/competition_form.ts";
import type { Competition } from "@/contracts/competitions.ts";
import {
  competitionFormFrom,
  competitionFormOf,
  parseCompetitionChange,
  parseNewCompetition,
} from "./competition_form.ts";

const filled: CompetitionFormValues = {
  ...EMPTY_COMPETITION,
  name: "Spring Cup",
  timeZone: "Europe/Helsinki",
  startsAt: "2026-05-01T09:00",
  endsAt: "2026-06-01T09:00",
  scoring: { ...EMPTY_COMPETITION.scoring, activityTypes: ["running"], dailyCap: "42 195" },
};

/** The form with other choices in its rule. */
function ruled(change: Partial<ScoringFormValues>): CompetitionFormValues {
  return { ...filled, scoring: { ...filled.scoring, ...change } };
}

Deno.test("parseNewCompetition() reads times in the competition's zone and numbers with spaces", () => {
  const { value } = parseNewCompetition(filled);

  assertEquals(value?.startsAt, "2026-05-01T06:00:00.000Z");
  assertEquals(value?.graceMs, 86_400_000);
  assertEquals(value?.capacity, null);
  assertEquals(value?.scoring, {
    kind: "activity",
    metric: "distance",
    aggregate: "total",
    direction: "higher",
    activityTypes: ["running"],
    dailyCap: 42195,
    manualPolicy: "exclude",
  });
});

Deno.test("parseNewCompetition() takes the fields of direct scoring alone", () => {
  const { value } = parseNewCompetition(ruled({ kind: "direct", decimals: "2" }));

  assertEquals(value?.scoring, {
    kind: "direct",
    operator: "set",
    direction: "higher",
    decimals: 2,
    selfReport: false,
  });
});

Deno.test("parseNewCompetition() names every faulty field in words", async (t) => {
  const cases: [string, Partial<CompetitionFormValues>, string, string][] = [
    ["no name", { name: "" }, "name", "Fill this in"],
    ["no start", { startsAt: "" }, "startsAt", "Give a date and time, like 2026-05-01 09:00"],
    ["end first", { endsAt: "2026-05-01T09:00" }, "endsAt", "The end must be after the start"],
    ["no zone", { timeZone: "Mars/Base" }, "timeZone", "Time zone must be an IANA name"],
    ["words for a number", { capacity: "many" }, "capacity", "Give a number"],
    ["grace", { graceHours: "721" }, "graceHours", "Give 0 to 720 hours"],
    [
      "short code",
      { visibility: "invite", inviteCode: "abc" },
      "inviteCode",
      "Give a code of at least 6 characters",
    ],
    [
      "registration",
      { registrationOpensAt: "soon" },
      "registrationOpensAt",
      "Give a date and time, like 2026-05-01 09:00",
    ],
  ];
  for (const [name, change, field, message] of cases) {
    await t.step(name, () => {
      const { faults } = parseNewCompetition({ ...filled, ...change });

      assertEquals(faults?.[field], message);
    });
  }
});

Deno.test("parseCompetitionChange() leaves locked fields out after publishing", () => {
  const open = parseCompetitionChange(filled, { timeZone: "Europe/Helsinki", isLocked: false });
  const locked = parseCompetitionChange({ ...filled, startsAt: "", timeZone: "" }, {
    timeZone: "Europe/Helsinki",
    isLocked: true,
  });

  assertEquals(open.value?.rankMethod, "standard");
  assertEquals(locked.faults, undefined);
  assertEquals(Object.keys(locked.value ?? {}).includes("scoring"), false);
  assertEquals(locked.value?.endsAt, "2026-06-01T06:00:00.000Z");
});

Deno.test("competitionFormFrom() gives back what parseNewCompetition() read", () => {
  const { value } = parseNewCompetition({ ...filled, tieBreaks: ["best_event"], capacity: "50" });
  const stored = {
    ...value,
    slug: "spring-cup",
    registrationOpensAt: null,
    registrationClosesAt: value?.endsAt,
  } as Competition;

  const shown = competitionFormFrom(stored);

  assertEquals(shown, {
    ...filled,
    slug: "spring-cup",
    scoring: { ...filled.scoring, dailyCap: "42195" },
    capacity: "50",
    tieBreaks: ["best_event"],
  });
});

Deno.test("competitionFormOf() keeps what was typed, drops empty and repeated tie breaks", () => {
  const form = new FormData();
  form.append("name", "  Cup ");
  form.append("scoring.kind", "direct");
  form.append("scoring.selfReport", "true");
  for (const tie of ["best_event", "", "best_event"]) form.append("tieBreaks", tie);

  const values = competitionFormOf(form);

  assertEquals(values.name, "Cup");
  assertEquals(values.scoring.selfReport, true);
  assertEquals(values.tieBreaks, ["best_event"]);
});

Deno.test("parseNewCompetition() takes what the choices show, and leaves out what they hide", () => {
  const rule = (change: Partial<ScoringFormValues>): unknown => {
    const { value, faults } = parseNewCompetition(
      ruled({ activityTypes: [], dailyCap: "", ...change }),
    );
    return faults ?? value.scoring;
  };
  const base = { kind: "activity", metric: "steps", direction: "higher", manualPolicy: "exclude" };
  const streak = { metric: "steps", aggregate: "streak_days", dailyGoal: "10 000", target: "5" };

  assertEquals(rule(streak), { ...base, aggregate: "streak_days", dailyGoal: 10_000 });
  assertEquals(rule({ ...streak, dailyGoal: "" }), {
    "scoring.dailyGoal": "Is needed where days are compared with a goal",
  });
  assertEquals(rule({ ...streak, aggregate: "total", overlap: "sum", dayZone: "athlete" }), {
    ...base,
    ...{ aggregate: "total", overlap: "sum", dayZone: "athlete" },
  });
  const points = { running: { points: "3", per: "km" }, yoga: { points: "", per: "minute" } };
  assertEquals(rule({ metric: "points", points }), {
    ...base,
    ...{ metric: "points", aggregate: "total" },
    points: [{ type: "running", points: 3, per: "km" }],
  });
});

Deno.test("competitionFormFrom() gives back every field of a rule", () => {
  const rule: Partial<ScoringFormValues> = {
    ...{ metric: "points", aggregate: "target", manualPolicy: "cap", overlap: "interval_union" },
    ...{ target: "900", manualDailyCap: "20", backfillDays: "0", dayZone: "athlete" },
    ...{ dailyMinimum: "5", dailyCap: "90", activityMinimum: "2", activityCap: "60" },
    points: { running: { points: "3", per: "km" } },
    plausibility: JSON.stringify({ dailySteps: { flag: 40_000, reject: 90_000 } }),
  };
  const { value } = parseNewCompetition(ruled(rule));

  const shown = competitionFormFrom({ ...value, slug: "x" } as Competition);
  assertEquals(shown.scoring, { ...filled.scoring, ...rule });
});
