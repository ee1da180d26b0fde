/** A copy of a competition as a new draft: its settings and rules, none of its people or scores. */

import { type Competition, CompetitionInput } from "@/contracts/competitions.ts";
import type { CloneRequest } from "@/contracts/rules.ts";
import type { Actor } from "@/domain/actor.ts";
import { nextSameWeekday, shiftLike } from "@/domain/shift.ts";
import type { EpochMs } from "@/domain/time.ts";
import { checkManages } from "../accounts/access.ts";
import { getRow } from "./competition_access.ts";
import type { CompetitionsDeps, CompetitionsService } from "./competitions.ts";
import { toCompetition } from "./competition_view.ts";

/** The times that move along with the start. */
const TIMES = ["registrationOpensAt", "registrationClosesAt", "endsAt"] as const;

/** Makes the draft through the ordinary way, so that every rule of a new competition holds. */
export async function cloneCompetition(
  deps: Pick<CompetitionsDeps, "database" | "clock">,
  competitions: Pick<CompetitionsService, "create">,
  actor: Actor,
  { idOrSlug, request }: { idOrSlug: string; request: CloneRequest },
): Promise<Competition> {
  const row = await getRow(deps.database.db, idOrSlug);
  checkManages(actor, row);
  const now = deps.clock.now();
  const source = toCompetition(row, { at: now, isStaff: false });
  const { timeZone: zone } = row;
  const to = request.startsAt === undefined
    ? nextSameWeekday(row.startsAt, zone, now)
    : Date.parse(request.startsAt);
  const move = (at: EpochMs) => {
    return new Date(shiftLike(at, { from: row.startsAt, to, zone })).toISOString();
  };
  const times = Object.fromEntries(
    TIMES.map((name) => [name, row[name] === null ? null : move(row[name])]),
  );
  const input = CompetitionInput.parse({
    ...source,
    ...times,
    freezeAt: row.freezeAt === null ? null : move(row.freezeAt),
    startsAt: new Date(to).toISOString(),
    name: request.name ?? row.name,
    slug: request.slug,
    // A new code, since the old one is known.
    inviteCode: undefined,
  });
  return await competitions.create(actor, input);
}
