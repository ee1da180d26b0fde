/** The demo's competitions with money in them: one that is over and paid out, and one to join. */

import { DAY_MS, type EpochMs, HOUR_MS } from "@/domain/time.ts";
import type { Athlete } from "./athletes.ts";
import { type DemoCompetition, entriesOf, iso, midnight } from "./competitions.ts";

/** Over: fees were paid and given back, prizes are paid, a winner wants the money. */
export const SETTLED_SLUG = "canal-endurance-week";

/** To come: whoever looks at the demo can top up, pay and join. */
export const PAID_SLUG = "harbour-prize-run";

/** After publishing: whoever leaves again has left by then, and the others come. */
const OTHERS_FROM_MS = 8 * HOUR_MS;

/** A week that is over, whose money went all the way. */
export function canalWeek(athletes: readonly Athlete[], now: EpochMs): DemoCompetition {
  const startsAt = midnight(now - 17 * DAY_MS, "Europe/Amsterdam");
  const publishedAt = startsAt - 6 * DAY_MS;
  return {
    input: {
      name: "Canal Endurance Week",
      slug: SETTLED_SLUG,
      description: CANAL_WEEK,
      visibility: "public",
      timeZone: "Europe/Amsterdam",
      startsAt: iso(startsAt),
      endsAt: iso(startsAt + 7 * DAY_MS),
      graceMs: 6 * HOUR_MS,
      scoring: {
        kind: "activity",
        metric: "moving_time",
        aggregate: "total",
        direction: "higher",
        activityTypes: ["running", "walking", "hiking"],
        manualPolicy: "exclude",
      },
      rankMethod: "standard",
      tieBreaks: [],
      entryFee: { currency: "EUR", amount: "10.00", platformBps: 0, organiserBps: 1_000 },
      prizes: {
        currency: "EUR",
        sponsored: "100.00",
        tiers: [
          { places: 1, shareBps: 4_000 },
          { places: 1, shareBps: 2_500 },
          { places: 1, shareBps: 1_500 },
          { places: 4, shareBps: 500 },
        ],
        divisions: [],
        rest: "organiser",
        clawBack: "reverse",
        approvals: 1,
      },
    },
    createdAt: publishedAt - 2 * HOUR_MS,
    publishedAt,
    entries: entriesOf(athletes, "steps", {
      share: 0.4,
      from: publishedAt + OTHERS_FROM_MS,
      until: startsAt,
    }),
  };
}

/**
 * A fee and prizes in test money, and nobody in it yet: until somebody has played with it, it goes
 * away with the demo without a trace.
 */
export function harbourPrize(now: EpochMs): DemoCompetition {
  const startsAt = midnight(now + 2 * DAY_MS, "Europe/Helsinki");
  const publishedAt = now - 2 * DAY_MS;
  return {
    input: {
      name: "Harbour Prize Run",
      slug: PAID_SLUG,
      description: HARBOUR_PRIZE,
      visibility: "public",
      timeZone: "Europe/Helsinki",
      startsAt: iso(startsAt),
      endsAt: iso(startsAt + 7 * DAY_MS),
      graceMs: 6 * HOUR_MS,
      capacity: 100,
      scoring: {
        kind: "activity",
        metric: "distance",
        aggregate: "best_activity",
        direction: "higher",
        activityTypes: ["running"],
        manualPolicy: "exclude",
      },
      rankMethod: "standard",
      tieBreaks: [],
      entryFee: { currency: "EUR", amount: "15.00", platformBps: 0, organiserBps: 1_000 },
      prizes: {
        currency: "EUR",
        sponsored: "250.00",
        tiers: [
          { places: 1, shareBps: 5_000 },
          { places: 1, shareBps: 2_500 },
          { places: 3, shareBps: 500 },
        ],
        divisions: [],
        rest: "sponsor",
        clawBack: "reverse",
        approvals: 1,
      },
    },
    createdAt: publishedAt - 2 * HOUR_MS,
    publishedAt,
    entries: [],
  };
}

const CANAL_WEEK = `Seven days on the towpath: **time on the move** counts, however fast.

Entering cost **10.00 EUR of test money**; 90 % of all fees and 100.00 EUR from the sponsors were
the prize pool. The prizes are paid: every cent can be followed in the proof of the split.`;

const HARBOUR_PRIZE = `One week, one run: your **longest single run** along the harbour counts.

Entering costs **15.00 EUR of test money**; 90 % of all fees and 250.00 EUR from the sponsors are
the prize pool. Top up your wallet on the test checkout, join, and see where every cent goes.`;
