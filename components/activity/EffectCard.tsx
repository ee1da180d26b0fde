import type { Competition } from "@/contracts/competitions.ts";
import type { CompetitionEffect, RecordResult } from "@/contracts/fitness.ts";
import { reasonText } from "./activity_text.ts";
import { Icon } from "../Icon.tsx";
import { sentence } from "../competition/rule_text.ts";
import {
  amountFormatOf,
  groupDigits,
  PLAIN_FORMAT,
  type ScoreFormat,
  scoreFormatOf,
  scoreText,
} from "../score_text.ts";

/** What an import did in one competition: what counted, and why the rest did not. */
export function EffectCard(
  { effect, scoring, records }: {
    effect: CompetitionEffect;
    /** Absent where the competition may not be seen any more. */
    scoring: Competition["scoring"] | undefined;
    records: readonly RecordResult[];
  },
) {
  const { slug, name, rank } = effect;
  const format = scoring ? scoreFormatOf(scoring) : PLAIN_FORMAT;
  const amounts = scoring ? amountFormatOf(scoring) : PLAIN_FORMAT;
  const counted = effect.counted.slice(0, LINES_MAX);
  const excluded = effect.excluded.slice(0, LINES_MAX);
  const left = effect.counted.length + effect.excluded.length - counted.length - excluded.length;
  const titleOf = (index: number) => {
    const type = records.find((record) => record.index === index)?.type;
    return `${type ? sentence(type) : "Record"} no. ${index + 1}`;
  };
  return (
    <div class="effect">
      <div class="effect-head">
        <h3>
          <a class="lead-link" href={`/c/${slug}`}>{name}</a>
        </h3>
        <span class="gain">
          {scoreChange(effect, format)}
          {rank === null ? "" : ` · rank ${rank}`}
        </span>
      </div>
      <ul class="effect-list">
        {counted.map(({ recordIndex, amount }) => (
          <li key={`in-${recordIndex}`}>
            <span class="is-good">
              <Icon name="check" />
            </span>
            <span>
              {titleOf(recordIndex)} counts <b class="gain">{scoreText(amount, amounts)}</b>
            </span>
          </li>
        ))}
        {excluded.map(({ recordIndex, reason, amount }) => (
          <li key={`out-${recordIndex}-${reason}`}>
            <span class="is-bad">
              <Icon name="cross" />
            </span>
            <span>
              {amount === undefined ? titleOf(recordIndex) : (
                <>
                  <b class="gain">{scoreText(amount, amounts)}</b> of {titleOf(recordIndex)}
                </>
              )} does not count. <span class="muted">{reasonText(reason)}</span>
            </span>
          </li>
        ))}
        {left > 0
          ? <li class="muted">{`and ${groupDigits(left)} more, told by the API`}</li>
          : null}
      </ul>
    </div>
  );
}

/** Lines of each kind: more are read by programs, not by people. */
const LINES_MAX = 200;

function scoreChange({ scoreBefore, score }: CompetitionEffect, format: ScoreFormat): string {
  if (score === null && scoreBefore === null) return "No score yet";
  if (score === scoreBefore) return `${scoreText(score, format)}, unchanged`;
  return `${scoreText(scoreBefore, format)} → ${scoreText(score, format)}`;
}
