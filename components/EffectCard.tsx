import type { CompetitionEffect, RecordResult } from "@/contracts/fitness.ts";
import { reasonText } from "./activity_text.ts";
import { Icon } from "./Icon.tsx";
import { sentence } from "./rule_text.ts";
import { type ScoreFormat, scoreText } from "./score_text.ts";

/** What an import did in one competition: what counted, and why the rest did not. */
export function EffectCard(
  { effect, format, records }: {
    effect: CompetitionEffect;
    format: ScoreFormat;
    records: readonly RecordResult[];
  },
) {
  const { slug, name, rank, counted, excluded } = effect;
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
              {titleOf(recordIndex)} counts <b class="gain">{scoreText(amount, format)}</b>
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
                  <b class="gain">{scoreText(amount, format)}</b> of {titleOf(recordIndex)}
                </>
              )} does not count. <span class="muted">{reasonText(reason)}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function scoreChange({ scoreBefore, score }: CompetitionEffect, format: ScoreFormat): string {
  if (score === null && scoreBefore === null) return "No score yet";
  if (score === scoreBefore) return `${scoreText(score, format)}, unchanged`;
  return `${scoreText(scoreBefore, format)} → ${scoreText(score, format)}`;
}
