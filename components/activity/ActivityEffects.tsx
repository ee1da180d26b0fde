import type { ActivityEffect } from "@/contracts/activities.ts";
import { reasonText } from "./activity_text.ts";
import { Icon } from "../Icon.tsx";
import { PLAIN_FORMAT, type ScoreFormat, scoreText } from "../score_text.ts";

/** What one session did in each competition, and why not all of it counts. */
export function ActivityEffects(
  { effects, formats }: {
    effects: readonly ActivityEffect[];
    /** By competition; those that may not be seen any more are missing. */
    formats: ReadonlyMap<string, ScoreFormat>;
  },
) {
  return (
    <>
      {effects.map((effect) => (
        <Effect
          key={effect.competitionId}
          effect={effect}
          format={formats.get(effect.competitionId) ?? PLAIN_FORMAT}
        />
      ))}
    </>
  );
}

/** Reasons that have a review, and how it stands. */
const REVIEWED: Readonly<Record<string, string>> = {
  "in_review": "waiting",
  implausible: "rejected",
};

function Effect({ effect, format }: { effect: ActivityEffect; format: ScoreFormat }) {
  const { slug, name, counted, excluded } = effect;
  return (
    <div class="effect">
      <div class="effect-head">
        <h3>
          <a class="lead-link" href={`/c/${slug}`}>{name}</a>
        </h3>
        <span class="gain">
          {counted > 0 ? `${scoreText(counted, format)} count` : "Does not count"}
        </span>
      </div>
      {excluded.length === 0 ? null : (
        <ul class="effect-list">
          {excluded.map(({ reason, amount }) => (
            <li key={`${reason}-${amount}`}>
              <span class="is-bad">
                <Icon name="cross" />
              </span>
              <span>
                {amount === undefined
                  ? null
                  : <b class="gain">{`${scoreText(amount, format)}: `}</b>}
                {reasonText(reason)} {REVIEWED[reason]
                  ? <a href={`/me/reviews?status=${REVIEWED[reason]}`}>See its review</a>
                  : null}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
