/** What speaks for and against a doubtful session or day; staff and the athlete see the same. */

import type { ReviewEvidence } from "@/contracts/reviews.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { dayBounds } from "@/domain/days.ts";
import { DomainError } from "@/domain/error.ts";
import {
  findImplausible,
  findImplausibleDay,
  type Finding,
  type PlausibilityLimits,
} from "@/domain/plausibility.ts";
import { scoreActivity } from "@/domain/scoring.ts";
import { checkSignedIn, isSelf, isStaff } from "../accounts/access.ts";
import { readAthlete, type ScoringTerms } from "../activity/activity_entries.ts";
import { readFacts } from "../activity/activity_facts.ts";
import { readActivities } from "../activity/fitness_activities.ts";
import { readDoubles } from "../activity/fitness_doubles.ts";
import { readReview, type StoredReview, toReview } from "./review_list.ts";
import type { ReviewsDeps } from "./reviews.ts";

type Parts = Omit<ReviewEvidence, keyof StoredReview>;

/** Reads a review with its evidence. */
export async function readEvidence(
  { database, clock }: ReviewsDeps,
  actor: Actor,
  reviewId: string,
): Promise<ReviewEvidence> {
  return await database.transaction(async (tx) => {
    const review = await readReview(tx, reviewId);
    checkMaySee(actor, review);
    const terms = await readTerms(tx, review.competitionId);
    const evidence = review.activityId === null
      ? await ofDay(tx, review, terms, clock.now())
      : await ofActivity(tx, review, review.activityId, limitsOf(terms));
    return { ...toReview(review), ...evidence };
  }, { name: "review.evidence" });
}

function checkMaySee(actor: Actor, review: StoredReview): void {
  if (isSelf(actor, review.userId) || isStaff(actor, review)) return;
  checkSignedIn(actor);
  throw new DomainError("FORBIDDEN", "Cannot read the review: it takes its athlete or staff");
}

async function readTerms(tx: Tx, competitionId: string): Promise<ScoringTerms> {
  const [row] = await tx.sql<ScoringTerms[]>`
    select starts_at as "startsAt", ends_at as "endsAt", grace_ms as "graceMs",
      time_zone as "timeZone", rules
    from competitions where id = ${competitionId}`;
  return row!;
}

function limitsOf({ rules: { scoring } }: ScoringTerms): PlausibilityLimits | undefined {
  return scoring.kind === "activity" ? scoring.plausibility : undefined;
}

interface TraceRow {
  bucketMs: number | null;
  speeds: number[] | null;
  peakMinute: number | null;
  peakTenMinutes: number | null;
}

async function ofActivity(
  tx: Tx,
  review: StoredReview,
  activityId: string,
  limits: PlausibilityLimits | undefined,
): Promise<Parts> {
  const { activities } = await readFacts(tx, review.userId, {
    ...{ from: 0, to: 0, quantities: [], replacedSince: null },
    recordIds: [activityId],
  });
  const fact = activities[0]!;
  const span = { startsAt: fact.startedAt, endsAt: fact.endedAt };
  const group = (await readDoubles(tx, review.userId, span)).get(activityId) ?? [];
  const [trace] = await tx.sql<TraceRow[]>`
    select trace_bucket_ms as "bucketMs", trace_speeds as speeds,
      peak_minute_cms as "peakMinute", peak_ten_minutes_cms as "peakTenMinutes"
    from activities where id = ${activityId}`;
  const shared: Finding[] = review.cause === "shared_file"
    ? [{ rule: "shared_file", verdict: "flag", observed: 2, limit: 1 }]
    : [];
  return {
    findings: [...findImplausible(fact, limits), ...shared],
    activity: (await readActivities(tx, [activityId]))[0] ?? null,
    trace: toTrace(trace!),
    doubles: await readActivities(tx, group.filter((id) => id !== activityId)),
    daySteps: null,
  };
}

function toTrace({ bucketMs, speeds, ...peaks }: TraceRow): ReviewEvidence["trace"] {
  return bucketMs === null || speeds === null ? null : { bucketMs, speeds, ...peaks };
}

/** The day's steps as the rules add them up, were they accepted. */
async function ofDay(
  tx: Tx,
  { userId, competitionId, day }: StoredReview,
  terms: ScoringTerms,
  now: number,
): Promise<Parts> {
  const none = { activity: null, trace: null, doubles: [] };
  const { scoring } = terms.rules;
  if (scoring.kind !== "activity") return { ...none, findings: [], daySteps: null };
  const athlete = await readAthlete(tx, competitionId, userId);
  const zone = scoring.dayZone === "athlete" ? athlete.athleteZone : terms.timeZone;
  const { startsAt, endsAt } = dayBounds(day!, zone);
  const facts = await readFacts(tx, userId, {
    ...{ from: startsAt, to: endsAt, quantities: ["steps"], recordIds: [], replacedSince: null },
  });
  const { counted } = scoreActivity({
    ...{ scoring: stepsOf(scoring), competition: terms, now, ...facts },
    athlete: { joinedAt: athlete.joinedAt, timeZone: athlete.athleteZone },
    dayDecisions: new Map([[day!, "accepted"]]),
  });
  const ofThisDay = counted.filter((part) => part.day === day);
  const daySteps = Math.floor(ofThisDay.reduce((sum, { amount }) => sum + amount, 0));
  return { ...none, findings: findImplausibleDay(daySteps, scoring.plausibility), daySteps };
}

/** The rule without what would cut the day's total. */
function stepsOf(scoring: Parameters<typeof scoreActivity>[0]["scoring"]) {
  const { dailyCap: _cap, dailyMinimum: _minimum, target: _target, ...rest } = scoring;
  return { ...rest, aggregate: "total" as const };
}
