import type { ExplainedRecord, Explanation } from "@/contracts/explanation.ts";
import { reasonText } from "../activity/activity_text.ts";
import { Badge } from "../Badge.tsx";
import { eventText, SOURCE_TEXT } from "./event_text.ts";
import { gapText, uncountedText } from "./explanation_text.ts";
import { type Fact, Facts } from "../Facts.tsx";
import { sentence } from "../competition/rule_text.ts";
import { groupDigits, type ScoreFormat, scoreText } from "../score_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

interface Props {
  explanation: Explanation;
  format: ScoreFormat;
  view: Viewer;
}

/** Rank and score, and what separates them from those beside. */
export function StandingCard({ explanation, format, view }: Props) {
  const { rank, score, reachedAt, status, ahead, behind, nextRank, inDivision } = explanation;
  const beside = (term: string, other: Explanation["ahead"]): Fact[] =>
    other === null ? [] : [{
      term,
      value: (
        <>
          {other.name}, rank {other.rank}, {scoreText(other.score, format)}
          <span class="under">{sentence(gapText(other, format))}</span>
        </>
      ),
    }];
  const facts: Fact[] = [
    {
      term: "Rank",
      value: rank ?? (status === "disqualified" ? "None, disqualified" : "None yet"),
    },
    ...(inDivision
      ? [{
        term: `In division ${inDivision.division}`,
        value: inDivision.rank === null
          ? "No rank"
          : `Rank ${inDivision.rank} of ${groupDigits(inDivision.total)}`,
      }]
      : []),
    { term: "Score", value: scoreText(score, format) },
    ...(reachedAt
      ? [{ term: "Reached", value: <TimeText at={reachedAt} view={view} style="second" /> }]
      : []),
    ...beside("The row above", ahead),
    ...beside("The row below", behind),
    ...(nextRank && nextRank.participantId !== ahead?.participantId
      ? beside("To beat for a better rank", nextRank)
      : []),
  ];
  return (
    <section class="card" aria-labelledby="standing-title">
      <div class="card-head">
        <h2 id="standing-title">Where it stands</h2>
      </div>
      <div class="card-body">
        <Facts facts={facts} />
      </div>
    </section>
  );
}

/** The events behind a score, newest first. */
export function ExplainedEvents({ explanation, format, view }: Props) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Happened</th>
          <th scope="col" class="num">Score after it</th>
          <th scope="col">Counts</th>
        </tr>
      </thead>
      <tbody>
        {explanation.events.map((event) => (
          <tr key={event.eventId} data-void={event.reason === "voided" ? "" : undefined}>
            <td>
              <b class="gain">{eventText(event, format)}</b>
              <span class="under">no. {event.seq} · {SOURCE_TEXT[event.source]}</span>
            </td>
            <td data-label="Happened">
              <TimeText at={event.occurredAt} view={view} style="second" />
            </td>
            <td class="num" data-label="Score after it">{scoreText(event.scoreAfter, format)}</td>
            <td>
              {event.reason === null ? <Badge tone="good">Counts</Badge> : (
                <>
                  <Badge tone="bad">Does not count</Badge>
                  <span class="under">{uncountedText(event.reason)}</span>
                </>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The recorded activity behind a computed score, for the athlete and staff. */
export function ExplainedRecords(
  { records, total, format, view }: {
    records: readonly ExplainedRecord[];
    total: number;
    format: ScoreFormat;
    view: Viewer;
  },
) {
  return (
    <section class="card" aria-labelledby="records-title">
      <div class="card-head">
        <h2 id="records-title">Recorded activity</h2>
        {total > records.length
          ? <span class="muted small">the newest {records.length} of {groupDigits(total)}</span>
          : null}
      </div>
      {records.length === 0
        ? <p class="card-body muted">No activity of the time that counts has arrived.</p>
        : (
          <table class="table blocks">
            <thead>
              <tr>
                <th scope="col">Record</th>
                <th scope="col">Started</th>
                <th scope="col" class="num">Counts</th>
                <th scope="col">Does not count</th>
              </tr>
            </thead>
            <tbody>
              {records.map(({ recordId, type, startedAt, counted, excluded }) => (
                <tr key={recordId}>
                  <td>
                    <b>{sentence(type)}</b>
                  </td>
                  <td data-label="Started">
                    <TimeText at={startedAt} view={view} />
                  </td>
                  <td class="num" data-label="Counts">{scoreText(counted, format)}</td>
                  <td>
                    {excluded.length === 0
                      ? "–"
                      : excluded.map(({ reason, amount }) => (
                        <span key={reason} class="line">
                          {amount === undefined ? "" : `${scoreText(amount, format)}: `}
                          {reasonText(reason)}
                        </span>
                      ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}
