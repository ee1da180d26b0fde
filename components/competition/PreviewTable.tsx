import type { PreviewRecord, PreviewRow, RulePreview } from "@/contracts/rule_preview.ts";
import type { ScoringRule } from "@/contracts/scoring.ts";
import { reasonText } from "../activity/activity_text.ts";
import { sentence } from "./rule_text.ts";
import {
  amountFormatOf,
  groupDigits,
  type ScoreFormat,
  scoreFormatOf,
  scoreText,
} from "../score_text.ts";

/** The board that a rule would make, with what counts and why the rest does not. */
export function PreviewTable({ preview, scoring }: { preview: RulePreview; scoring: ScoringRule }) {
  const format = scoreFormatOf(scoring);
  const amounts = amountFormatOf(scoring);
  const isOwn = preview.on === "participants";
  return (
    <table class="table blocks preview-table">
      <thead>
        <tr>
          <th scope="col" class="num">Rank</th>
          <th scope="col">Athlete</th>
          <th scope="col" class="num">Score</th>
          {isOwn ? <th scope="col" class="num">As it is</th> : null}
          <th scope="col">What does not count</th>
        </tr>
      </thead>
      <tbody>
        {preview.rows.map((row) => (
          <tr key={row.participantId ?? row.name}>
            <td class="num" data-label="Rank">{row.rank ?? "–"}</td>
            <td>
              <b>{row.name}</b>
              {row.about ? <span class="under">{row.about}</span> : null}
              <Records row={row} format={amounts} timeZone={preview.timeZone} />
            </td>
            <td class="num" data-label="Score">{scoreText(row.score, format)}</td>
            {isOwn
              ? (
                <td class="num" data-label="As it is">
                  {scoreText(row.scoreNow ?? null, format)}
                  <span class="under">{row.rankNow ? `rank ${row.rankNow}` : "no rank"}</span>
                </td>
              )
              : null}
            <td data-label="Does not count">
              <LeftOut row={row} format={amounts} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LeftOut({ row, format }: { row: PreviewRow; format: ScoreFormat }) {
  if (row.excluded.length === 0) return <>{row.counted > 0 ? "Everything counts" : "–"}</>;
  return (
    <>
      {row.excluded.map(({ reason, records, amount }) => (
        <span key={reason} class="line">
          {`${groupDigits(records)} ${records === 1 ? "record" : "records"}`}
          {amount === undefined ? "" : `, ${scoreText(Math.round(amount), format)}`}:{" "}
          <span class="muted">{reasonText(reason)}</span>
        </span>
      ))}
    </>
  );
}

/** Record by record, for whoever opens it. */
function Records(
  { row, format, timeZone }: { row: PreviewRow; format: ScoreFormat; timeZone: string },
) {
  if (row.records.length === 0) return null;
  return (
    <details class="preview-records">
      <summary>
        {row.counted} of {row.records.length} records count
        <span class="hidden-text">{` of ${row.name}`}</span>
      </summary>
      <ul>
        {row.records.map((record, index) => (
          <li key={index}>{recordText(record, format, timeZone)}</li>
        ))}
      </ul>
    </details>
  );
}

/** E.g. `Running, Mon 06:00, watch: 5 200 m count`. */
function recordText(
  { type, source, startedAt, counted, excluded }: PreviewRecord,
  format: ScoreFormat,
  timeZone: string,
): string {
  const when = new Intl.DateTimeFormat("en-GB", {
    ...{ weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone },
  }).format(new Date(startedAt));
  const parts = counted > 0 ? [`${scoreText(Math.round(counted), format)} count`] : [];
  for (const { reason, amount } of excluded) {
    const much = amount === undefined ? "" : `${scoreText(Math.round(amount), format)}: `;
    parts.push(much + reasonText(reason));
  }
  return `${sentence(type)}, ${when}, ${source}: ${parts.join("; ")}`;
}
