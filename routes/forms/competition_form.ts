/** The competition form: what was posted, what is stored, and the way between them. */

import type { z } from "zod";
import type { CompetitionFormValues } from "@/components/competition/competition_form.ts";
import {
  entryConditionsOf,
  entryFaults,
  entryFormFrom,
  entryFormOf,
} from "@/components/competition/entry_form.ts";
import type { Faults } from "@/components/Field.tsx";
import {
  divisionsOf,
  groupFaults,
  teamFormFrom,
  teamFormOf,
  teamRuleOf,
} from "@/components/team/group_form.ts";
import {
  recurrenceFormFrom,
  recurrenceFormOf,
  recurrenceOf,
} from "@/components/competition/recurrence_form.ts";
import {
  scoringFormFrom,
  scoringFormOf,
  scoringOf,
} from "@/components/competition/scoring_form.ts";
import { wholeOf } from "@/components/whole_number.ts";
import {
  type Competition,
  CompetitionChange,
  CompetitionInput,
  type CompetitionView,
} from "@/contracts/competitions.ts";
import { HOUR_MS } from "@/domain/time.ts";
import { chosenOf, faultsOfSchema, textOf } from "./fields.ts";
import { instantOf, localOf } from "./local_time.ts";
import { moneyFaults, moneyFormFrom, moneyFormOf, moneyOf } from "./money_form.ts";

/** Either what the service takes, or what is wrong with each field. */
export type Parsed<T> = { value: T; faults?: never } | { value?: never; faults: Faults };

/** The posted fields as they were typed, to be shown again when something is wrong. */
export function competitionFormOf(form: FormData): CompetitionFormValues {
  const text = (name: string) => textOf(form, name);
  return {
    name: text("name"),
    description: text("description"),
    slug: text("slug"),
    visibility: text("visibility"),
    inviteCode: text("inviteCode"),
    timeZone: text("timeZone"),
    startsAt: text("startsAt"),
    endsAt: text("endsAt"),
    registrationOpensAt: text("registrationOpensAt"),
    registrationClosesAt: text("registrationClosesAt"),
    graceHours: text("graceHours"),
    freezeAt: text("freezeAt"),
    capacity: text("capacity"),
    minimumParticipants: text("minimumParticipants"),
    entry: entryFormOf(form),
    finalization: text("finalization"),
    recurrence: recurrenceFormOf(form),
    divisions: text("divisions"),
    teams: teamFormOf(form),
    money: moneyFormOf(form),
    scoring: scoringFormOf(form),
    rankMethod: text("rankMethod"),
    tieBreaks: [...new Set(chosenOf(form, "tieBreaks"))],
  };
}

/** A stored competition as the form shows it. */
export function competitionFormFrom(
  competition: Competition & Partial<Pick<CompetitionView, "recurrence">>,
): CompetitionFormValues {
  const { timeZone } = competition;
  const local = (instant: string | null) => instant ? localOf(instant, timeZone) : "";
  return {
    name: competition.name,
    description: competition.description,
    slug: competition.slug,
    visibility: competition.visibility,
    inviteCode: competition.inviteCode ?? "",
    timeZone,
    startsAt: local(competition.startsAt),
    endsAt: local(competition.endsAt),
    registrationOpensAt: local(competition.registrationOpensAt),
    registrationClosesAt: competition.registrationClosesAt === competition.endsAt
      ? ""
      : local(competition.registrationClosesAt),
    graceHours: String(competition.graceMs / HOUR_MS),
    freezeAt: local(competition.freezeAt),
    capacity: competition.capacity?.toString() ?? "",
    minimumParticipants: competition.minimumParticipants?.toString() ?? "",
    entry: entryFormFrom(competition),
    finalization: competition.finalization === "automatic" ? "automatic" : "",
    recurrence: recurrenceFormFrom(competition),
    divisions: competition.divisions.join("\n"),
    teams: teamFormFrom(competition),
    money: moneyFormFrom(competition),
    scoring: scoringFormFrom(competition.scoring),
    rankMethod: competition.rankMethod,
    tieBreaks: [...competition.tieBreaks],
  };
}

/** The form of a new competition. */
export function parseNewCompetition(values: CompetitionFormValues): Parsed<CompetitionInput> {
  const raw = { ...openFields(values, values.timeZone), ...lockedFields(values) };
  return parsed(CompetitionInput.safeParse(raw), values, timeFaults(values, values.timeZone));
}

/** The form of a change; after publishing the locked fields are not part of it. */
export function parseCompetitionChange(
  values: CompetitionFormValues,
  stored: { timeZone: string; isLocked: boolean },
): Parsed<CompetitionChange> {
  const zone = stored.isLocked ? stored.timeZone : values.timeZone;
  const locked = stored.isLocked ? {} : lockedFields(values);
  const { inviteCode = null, ...open } = openFields(values, zone);
  const faults = timeFaults(values, zone);
  if (stored.isLocked) delete faults.startsAt;
  return parsed(CompetitionChange.safeParse({ ...open, inviteCode, ...locked }), values, faults);
}

function parsed<T>(
  result: z.ZodSafeParseResult<T>,
  { money }: CompetitionFormValues,
  timeFaults: Faults,
): Parsed<T> {
  const faults = result.success ? timeFaults : {
    ...moneyFaults(entryFaults(groupFaults(renamed(faultsOfSchema(result.error)))), money),
    ...timeFaults,
  };
  if (!result.success || Object.keys(faults).length > 0) return { faults };
  return { value: result.data };
}

/** The contract counts the grace in ms, the form in hours. */
function renamed({ graceMs, ...faults }: Faults): Faults {
  return graceMs ? { ...faults, graceHours: "Give 0 to 720 hours" } : faults;
}

function openFields(values: CompetitionFormValues, timeZone: string) {
  return {
    name: values.name,
    description: values.description,
    slug: values.slug || undefined,
    visibility: values.visibility,
    inviteCode: values.visibility === "invite" ? values.inviteCode : undefined,
    endsAt: instantOf(values.endsAt, timeZone),
    registrationOpensAt: instantOf(values.registrationOpensAt, timeZone) ?? null,
    registrationClosesAt: instantOf(values.registrationClosesAt, timeZone) ?? null,
    graceMs: values.graceHours === "" ? undefined : wholeOf(values.graceHours, HOUR_MS),
    freezeAt: instantOf(values.freezeAt, timeZone) ?? null,
    capacity: wholeOrNull(values.capacity),
    minimumParticipants: wholeOrNull(values.minimumParticipants),
    entryConditions: entryConditionsOf(values.entry),
    finalization: values.finalization === "automatic" ? "automatic" : "manual",
    recurrence: recurrenceOf(values.recurrence),
    divisions: divisionsOf(values.divisions),
  };
}

function lockedFields(values: CompetitionFormValues) {
  return {
    timeZone: values.timeZone,
    startsAt: instantOf(values.startsAt, values.timeZone),
    teams: teamRuleOf(values.teams),
    ...moneyOf(values.money),
    scoring: scoringOf(values.scoring),
    rankMethod: values.rankMethod,
    tieBreaks: values.tieBreaks,
  };
}

function wholeOrNull(text: string): number | null {
  return text === "" ? null : wholeOf(text);
}

const TIME_FIELDS = [
  "startsAt",
  "endsAt",
  "registrationOpensAt",
  "registrationClosesAt",
  "freezeAt",
] as const;

/** Faults of times in words; the schema would only say that an instant is missing. */
function timeFaults(values: CompetitionFormValues, timeZone: string): Faults {
  const faults: Faults = {};
  if (instantOf("2026-01-01T00:00", timeZone) === undefined) return faults; // the zone is the fault
  for (const field of TIME_FIELDS) {
    const isRequired = field === "startsAt" || field === "endsAt";
    if (values[field] === "" ? isRequired : instantOf(values[field], timeZone) === undefined) {
      faults[field] = "Give a date and time, like 2026-05-01 09:00";
    }
  }
  const [start, end] = [instantOf(values.startsAt, timeZone), instantOf(values.endsAt, timeZone)];
  if (start && end && end <= start) faults.endsAt = "The end must be after the start";
  if (values.visibility === "invite" && values.inviteCode.length < 6) {
    faults.inviteCode = "Give a code of at least 6 characters";
  }
  return faults;
}
