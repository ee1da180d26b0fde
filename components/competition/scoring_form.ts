/** The scoring rule's part of the competition form, and the way between it and the contract. */

import type { ScoringRule } from "@/contracts/scoring.ts";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import {
  EMPTY_COMPETITION,
  SCORING_LIMITS,
  type ScoringFormValues,
  type ScoringLimit,
} from "./competition_form.ts";
import { chosenOf, textOf } from "../form_text.ts";
import { wholeOf } from "../whole_number.ts";

/** The posted fields as they were typed. */
export function scoringFormOf(form: FormData): ScoringFormValues {
  const text = (name: string) => textOf(form, `scoring.${name}`);
  const limits = SCORING_LIMITS.map((limit) => [limit, text(limit)]);
  return {
    kind: text("kind"),
    operator: text("operator"),
    direction: text("direction"),
    decimals: text("decimals"),
    selfReport: text("selfReport") === "true",
    metric: text("metric"),
    aggregate: text("aggregate"),
    activityTypes: chosenOf(form, "scoring.activityTypes"),
    manualPolicy: text("manualPolicy"),
    overlap: text("overlap"),
    dayZone: text("dayZone"),
    plausibility: text("plausibility"),
    points: Object.fromEntries(ACTIVITY_TYPES.map((type) => {
      return [type, { points: text(`points.${type}`), per: text(`per.${type}`) }];
    })),
    ...Object.fromEntries(limits) as Record<ScoringLimit, string>,
  };
}

/** A stored rule as the form shows it; the other kind's fields start from the defaults. */
export function scoringFormFrom(scoring: ScoringRule): ScoringFormValues {
  const empty = EMPTY_COMPETITION.scoring;
  if (scoring.kind === "direct") {
    return { ...empty, ...scoring, decimals: String(scoring.decimals) };
  }
  const limits = SCORING_LIMITS.map((limit) => [limit, scoring[limit]?.toString() ?? ""]);
  const { kind, direction, metric, aggregate, manualPolicy } = scoring;
  return {
    ...empty,
    ...{ kind, direction, metric, aggregate, manualPolicy },
    activityTypes: [...scoring.activityTypes ?? []],
    overlap: scoring.overlap ?? empty.overlap,
    dayZone: scoring.dayZone ?? empty.dayZone,
    plausibility: scoring.plausibility ? JSON.stringify(scoring.plausibility) : "",
    points: Object.fromEntries(
      (scoring.points ?? []).map(({ type, points, per }) => [type, { points: `${points}`, per }]),
    ),
    ...Object.fromEntries(limits) as Record<ScoringLimit, string>,
  };
}

/** What the contract checks; a limit that the other choices hide is left out. */
export function scoringOf(values: ScoringFormValues) {
  const { kind, direction } = values;
  if (kind === "direct") {
    const { operator, selfReport } = values;
    return { kind, direction, operator, selfReport, decimals: Number(values.decimals) };
  }
  const limits = SCORING_LIMITS.filter((limit) => values[limit] !== "" && isShown(limit, values));
  const { metric, aggregate, manualPolicy, overlap, dayZone, activityTypes } = values;
  const usual = EMPTY_COMPETITION.scoring;
  return {
    ...{ kind, direction, metric, aggregate, manualPolicy },
    ...(activityTypes.length > 0 ? { activityTypes } : {}),
    ...(overlap === "" || overlap === usual.overlap ? {} : { overlap }),
    ...(dayZone === "" || dayZone === usual.dayZone ? {} : { dayZone }),
    ...(metric === "points" ? { points: pointsOf(values) } : {}),
    ...(values.plausibility === "" ? {} : { plausibility: jsonOf(values.plausibility) }),
    ...Object.fromEntries(limits.map((limit) => [limit, wholeOf(values[limit])])),
  };
}

/** Whether the form shows a limit, given the choices; style sheets hide the others alike. */
function isShown(limit: ScoringLimit, { aggregate, manualPolicy }: ScoringFormValues): boolean {
  if (limit === "dailyGoal") return aggregate === "streak_days" || aggregate === "days_at_goal";
  if (limit === "target") return aggregate === "target";
  if (limit === "manualDailyCap") return manualPolicy === "cap";
  return limit !== "dailyMinimum" || aggregate !== "best_activity";
}

/** The text where it is no JSON, for the contract to refuse. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pointsOf({ points }: ScoringFormValues) {
  const lines = Object.entries(points).filter(([, line]) => line.points !== "");
  return lines.map(([type, { points, per }]) => ({ type, points: wholeOf(points), per }));
}
