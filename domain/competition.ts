/**
 * The life of a competition: its stored status, the phase that follows from it and the clock, and
 * what may be done in each. Every interval is half-open: its end is excluded.
 *
 * @module
 */

import { DomainError, type ErrorCode, type ErrorDetail } from "./error.ts";
import { DAY_MS, EARLIEST_AT, type EpochMs } from "./time.ts";

export const COMPETITION_STATUSES = [
  "draft",
  "published",
  "final",
  "settled",
  "cancelled",
] as const;
export type CompetitionStatus = (typeof COMPETITION_STATUSES)[number];

export const PHASES = [
  "draft",
  "upcoming",
  "registration",
  "active",
  "grace",
  "provisional",
  "final",
  "settled",
  "cancelled",
] as const;
export type Phase = (typeof PHASES)[number];

export const VISIBILITIES = ["public", "unlisted", "invite"] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Late data scores this long after the end unless the rules say otherwise. */
export const GRACE_DEFAULT_MS = DAY_MS;
/** The longest grace: participants wait that long for their result at most. */
export const GRACE_MAX_MS = 30 * DAY_MS;
/** The longest competition, a hundred years: a running total may go back to the earliest device. */
export const LENGTH_MAX_MS = 100 * 366 * DAY_MS;

/** The times that decide the phase. All intervals are half-open: the end is excluded. */
export interface Schedule {
  status: CompetitionStatus;
  /** Null: open from publishing on. */
  registrationOpensAt: EpochMs | null;
  registrationClosesAt: EpochMs;
  startsAt: EpochMs;
  endsAt: EpochMs;
  /** How long after the end late data still scores. */
  graceMs: number;
}

/** The times of a competition without its status. */
export type ScheduleTimes = Omit<Schedule, "status">;

/** The times an organiser gives; what is left out gets its default. */
export interface ScheduleInput {
  registrationOpensAt?: EpochMs | null | undefined;
  registrationClosesAt?: EpochMs | null | undefined;
  startsAt: EpochMs;
  endsAt: EpochMs;
  graceMs?: number | undefined;
}

/** What the rules about joining and scoring need to know; `name` is for their messages. */
export interface CompetitionFacts extends Schedule {
  name: string;
}

/** Besides, how full the competition is; a capacity of null is no limit. */
export interface EntryFacts extends CompetitionFacts {
  capacity: number | null;
  participantCount: number;
}

/** The answer of a `can…` rule; a refusal carries what `DomainError` needs. */
export type Decision = { ok: true } | { ok: false; code: ErrorCode; message: string };

const ALLOWED: Decision = { ok: true };

/** When late data stops to score; from here on the result is only reviewed. */
export function graceEndsAt(times: Pick<Schedule, "endsAt" | "graceMs">): EpochMs {
  return times.endsAt + times.graceMs;
}

/** Tells the phase at an instant.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { completeSchedule, phaseOf } from "@/domain/competition.ts";
 *
 * const schedule = { status: "published" as const, ...completeSchedule({ startsAt: 1000, endsAt: 2000 }) };
 * assertEquals(phaseOf(schedule, 999), "registration");
 * assertEquals(phaseOf(schedule, 1000), "active");
 * assertEquals(phaseOf(schedule, 2000), "grace");
 * ```
 */
export function phaseOf(schedule: Schedule, at: EpochMs): Phase {
  if (schedule.status !== "published") return schedule.status;
  if (at < schedule.startsAt) return isRegistrationOpen(schedule, at) ? "registration" : "upcoming";
  if (at < schedule.endsAt) return "active";
  return at < graceEndsAt(schedule) ? "grace" : "provisional";
}

/** Tells when the clock will next change the phase, or null when it never will.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { completeSchedule, nextPhaseChangeAt } from "@/domain/competition.ts";
 *
 * const times = completeSchedule({ startsAt: 1000, endsAt: 2000, graceMs: 500 });
 * assertEquals(nextPhaseChangeAt({ status: "published", ...times }, 1000), 2000);
 * assertEquals(nextPhaseChangeAt({ status: "published", ...times }, 2500), null);
 * ```
 */
export function nextPhaseChangeAt(schedule: Schedule, at: EpochMs): EpochMs | null {
  const phase = phaseOf(schedule, at);
  const { registrationOpensAt, registrationClosesAt, startsAt, endsAt } = schedule;
  const changes = [registrationClosesAt, startsAt, endsAt, graceEndsAt(schedule)];
  if (registrationOpensAt !== null) changes.push(registrationOpensAt);
  const later = changes.filter((change) => change > at && phaseOf(schedule, change) !== phase);
  return later.length > 0 ? Math.min(...later) : null;
}

/** What decides whether the public board stands still. */
export interface FreezeFacts {
  status: CompetitionStatus;
  /** When it is to freeze; null when that is not planned, or has been entered in the log. */
  freezeAt: EpochMs | null;
  frozenAt: EpochMs | null;
}

/** Whether the public board stands still at an instant: a planned freeze holds from its time on,
 * also before it is entered in the log.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isFrozenAt } from "@/domain/competition.ts";
 *
 * const facts = { status: "published" as const, freezeAt: 1000, frozenAt: null };
 * assertEquals([isFrozenAt(facts, 999), isFrozenAt(facts, 1000)], [false, true]);
 * ```
 */
export function isFrozenAt({ status, freezeAt, frozenAt }: FreezeFacts, at: EpochMs): boolean {
  if (frozenAt !== null) return true;
  return status === "published" && freezeAt !== null && at >= freezeAt;
}

/** Whether the registration window of a published competition holds the instant. */
export function isRegistrationOpen(schedule: Schedule, at: EpochMs): boolean {
  const hasOpened = schedule.registrationOpensAt === null || at >= schedule.registrationOpensAt;
  return schedule.status === "published" && hasOpened && at < schedule.registrationClosesAt;
}

/** Whether one more person may join: status, registration window, capacity, in this order.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canJoin, completeSchedule } from "@/domain/competition.ts";
 *
 * const times = completeSchedule({ startsAt: 1000, endsAt: 2000 });
 * const facts = { name: "Cup", status: "published" as const, capacity: 1, participantCount: 1, ...times };
 * assertEquals(canJoin(facts, 500), {
 *   ok: false,
 *   code: "COMPETITION_FULL",
 *   message: 'Cannot join competition "Cup": it is full',
 * });
 * ```
 */
export function canJoin(competition: EntryFacts, at: EpochMs): Decision {
  const refusal = refusalByStatus(competition, "join");
  if (refusal) return refusal;
  if (competition.registrationOpensAt !== null && at < competition.registrationOpensAt) {
    return refuse("REGISTRATION_CLOSED", "join", competition, "registration has not opened yet");
  }
  if (at >= competition.registrationClosesAt) {
    return refuse("REGISTRATION_CLOSED", "join", competition, "registration has closed");
  }
  if (competition.capacity !== null && competition.participantCount >= competition.capacity) {
    return refuse("COMPETITION_FULL", "join", competition, "it is full");
  }
  return ALLOWED;
}

/** Whether a participant may leave: until the result is final. */
export function canLeave(competition: CompetitionFacts): Decision {
  return refusalByStatus(competition, "leave") ?? ALLOWED;
}

/** When a score event happened and when it is told. */
export interface ScoreTimes {
  occurredAt: EpochMs;
  now: EpochMs;
  /** Staff correct scores until the result is final, others until the grace ends. */
  isStaff?: boolean;
}

/** Whether a score event may be recorded: it happened in [startsAt, endsAt), not after now, and is
 * told before the grace ends.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canScore, completeSchedule } from "@/domain/competition.ts";
 *
 * const times = completeSchedule({ startsAt: 1000, endsAt: 2000, graceMs: 500 });
 * const facts = { name: "Cup", status: "published" as const, ...times };
 * assertEquals(canScore(facts, { occurredAt: 1999, now: 2499 }).ok, true);
 * assertEquals(canScore(facts, { occurredAt: 1999, now: 2500 }).ok, false);
 * ```
 */
export function canScore(competition: CompetitionFacts, times: ScoreTimes): Decision {
  const refusal = refusalByStatus(competition, "score in");
  if (refusal) return refusal;
  const { occurredAt, now } = times;
  if (occurredAt < competition.startsAt) {
    const state = now < competition.startsAt ? "it has not started" : "it had not started then";
    return refuse("NOT_STARTED", "score in", competition, state);
  }
  if (occurredAt >= competition.endsAt) {
    return refuse("ALREADY_ENDED", "score in", competition, "it has ended");
  }
  if (occurredAt > now) {
    return refuse("VALIDATION_ERROR", "score in", competition, "the event lies in the future");
  }
  if (!times.isStaff && now >= graceEndsAt(competition)) {
    return refuse("ALREADY_ENDED", "score in", competition, "the time for late data is over");
  }
  return ALLOWED;
}

/** Whether a draft may be published: while people could still take part. */
export function canPublish(competition: CompetitionFacts, at: EpochMs): Decision {
  if (competition.status === "published") {
    return refuse("ALREADY_PUBLISHED", "publish", competition, "it is published");
  }
  if (competition.status !== "draft") return refusalByStatus(competition, "publish") ?? ALLOWED;
  if (at < competition.endsAt) return ALLOWED;
  return refuse("ALREADY_ENDED", "publish", competition, "its end has passed");
}

/** Whether a competition may be cancelled: until its result is final. */
export function canCancel(competition: CompetitionFacts): Decision {
  if (competition.status === "draft") return ALLOWED;
  return refusalByStatus(competition, "cancel") ?? ALLOWED;
}

/** Whether staff may void, reinstate or adjust scores: until the result is final. */
export function canCorrect(competition: CompetitionFacts): Decision {
  return refusalByStatus(competition, "correct scores of") ?? ALLOWED;
}

/** Whether a participant may be disqualified or taken back: also of a final result, which then gets
 * another revision. */
export function canDisqualify(competition: CompetitionFacts): Decision {
  if (competition.status === "final" || competition.status === "settled") return ALLOWED;
  return refusalByStatus(competition, "judge participants of") ?? ALLOWED;
}

/** Whether the public board may be frozen, or move again: while it is published. */
export function canFreeze(competition: CompetitionFacts, action = "freeze"): Decision {
  return refusalByStatus(competition, action) ?? ALLOWED;
}

/** Whether the rules may get a new version: while it is published; a draft's are edited in place. */
export function canChangeRules(competition: CompetitionFacts): Decision {
  return refusalByStatus(competition, "change the rules of") ?? ALLOWED;
}

/** Whether the result may become final; what else stands in the way is for the services to ask. */
export function canFinalise(competition: CompetitionFacts): Decision {
  return refusalByStatus(competition, "finalise") ?? ALLOWED;
}

/** Throws the `DomainError` of a refusal. */
export function checkAllowed(decision: Decision): void {
  if (!decision.ok) throw new DomainError(decision.code, decision.message);
}

function refusalByStatus(competition: CompetitionFacts, action: string): Decision | null {
  switch (competition.status) {
    case "published":
      return null;
    case "draft":
      return refuse("NOT_PUBLISHED", action, competition, "it is a draft");
    case "cancelled":
      return refuse("COMPETITION_CANCELLED", action, competition, "it was cancelled");
    case "final":
    case "settled":
      return refuse("ALREADY_FINAL", action, competition, "its result is final");
  }
}

function refuse(
  code: ErrorCode,
  action: string,
  competition: CompetitionFacts,
  state: string,
): Decision {
  return {
    ok: false,
    code,
    message: `Cannot ${action} competition "${competition.name}": ${state}`,
  };
}

/** Fills in the defaults: registration from publishing to the end, a grace of a day. */
export function completeSchedule(input: ScheduleInput): ScheduleTimes {
  return {
    registrationOpensAt: input.registrationOpensAt ?? null,
    registrationClosesAt: input.registrationClosesAt ?? input.endsAt,
    startsAt: input.startsAt,
    endsAt: input.endsAt,
    graceMs: input.graceMs ?? GRACE_DEFAULT_MS,
  };
}

/** Throws VALIDATION_ERROR with every fault of the times, each beside its field.
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { checkSchedule, completeSchedule } from "@/domain/competition.ts";
 * import { DomainError } from "@/domain/error.ts";
 *
 * const startsAt = Date.UTC(2026, 4, 1);
 * assertThrows(() => checkSchedule(completeSchedule({ startsAt, endsAt: startsAt })), DomainError);
 * ```
 */
export function checkSchedule(times: ScheduleTimes): void {
  const details = [...windowFaults(times), ...registrationFaults(times)];
  if (details.length === 0) return;
  throw new DomainError("VALIDATION_ERROR", details[0]!.message, { details });
}

function windowFaults({ startsAt, endsAt, graceMs }: ScheduleTimes): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  if (!isInstant(startsAt)) faults.push(ancient("startsAt", "Start"));
  if (endsAt <= startsAt) faults.push(fault("endsAt", "too_early", "End must be after the start"));
  if (endsAt - startsAt > LENGTH_MAX_MS) {
    faults.push(
      fault("endsAt", "too_late", "A competition must not last longer than a hundred years"),
    );
  }
  if (!Number.isInteger(graceMs) || graceMs < 0 || graceMs > GRACE_MAX_MS) {
    faults.push(fault("graceMs", "out_of_range", "Sync grace must be from 0 to 30 days"));
  }
  return faults;
}

function registrationFaults(times: ScheduleTimes): ErrorDetail[] {
  const { registrationOpensAt, registrationClosesAt, endsAt } = times;
  const faults: ErrorDetail[] = [];
  if (registrationOpensAt !== null && !isInstant(registrationOpensAt)) {
    faults.push(ancient("registrationOpensAt", "Registration"));
  }
  if (!isInstant(registrationClosesAt)) {
    faults.push(ancient("registrationClosesAt", "Registration"));
  } else if (registrationOpensAt !== null && registrationClosesAt <= registrationOpensAt) {
    const message = "Registration must close after it opens";
    faults.push(fault("registrationClosesAt", "too_early", message));
  }
  if (registrationClosesAt > endsAt) {
    const message = "Registration must close by the end of the competition";
    faults.push(fault("registrationClosesAt", "too_late", message));
  }
  return faults;
}

function isInstant(at: EpochMs): boolean {
  return Number.isInteger(at) && at >= EARLIEST_AT;
}

function ancient(field: string, subject: string): ErrorDetail {
  return fault(field, "ancient", `${subject} must not be before the year 2000`);
}

function fault(field: string, code: string, message: string): ErrorDetail {
  return { field, code, message };
}
