import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { groupDigits, scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { LogQuery, type LogRow } from "@/contracts/competitions.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define, type State } from "../../../define.ts";
import { queryOf } from "../../../forms/query.ts";

/** Entries on one page. */
const ENTRIES_PER_PAGE = 50;

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const { after } = queryOf(LogQuery, ctx.url.searchParams);
    const competition = await services.competitions.get(actor, ctx.params.id!);
    const query = { after, limit: ENTRIES_PER_PAGE };
    const log = await services.competitions.log(actor, competition.id, query);
    return page({ competition, after, log });
  },
});

export default define.page<typeof handler>(function LogTab({ data, state }) {
  const { competition, after, log } = data;
  const path = `/admin/competitions/${competition.id}/log`;
  const newest = Math.max(0, Math.floor((log.lastSeq - 1) / ENTRIES_PER_PAGE) * ENTRIES_PER_PAGE);
  const last = log.entries.at(-1)?.seq ?? after;
  return (
    <CompetitionFrame competition={competition} tab="/log">
      <div class="card">
        <div class="card-head">
          <div>
            <h2>Log</h2>
            <p class="muted small">
              Everything that alters the board, numbered. Each hash covers the one before it, so
              that no entry can be changed or left out unseen.
            </p>
          </div>
          {log.lastSeq > ENTRIES_PER_PAGE && after !== newest
            ? <a class="button" href={`${path}?after=${newest}`}>Newest</a>
            : null}
        </div>
        {log.entries.length === 0
          ? (
            <EmptyState
              title="Nothing happened yet"
              text="Publishing, joins and scores are entered here as they come."
            />
          )
          : (
            <>
              <LogTable rows={log.entries} competition={competition} state={state} />
              <nav class="pages" aria-label="Pages of the log">
                <span>
                  {groupDigits(after + 1)}–{groupDigits(last)} of {groupDigits(log.lastSeq)} entries
                </span>
                <span class="row">
                  {after > 0
                    ? (
                      <a
                        class="button"
                        rel="prev"
                        href={`${path}?after=${Math.max(0, after - ENTRIES_PER_PAGE)}`}
                      >
                        <Icon name="left" /> Older
                      </a>
                    )
                    : null}
                  {last < log.lastSeq
                    ? (
                      <a class="button" rel="next" href={`${path}?after=${last}`}>
                        Newer <Icon name="right" />
                      </a>
                    )
                    : null}
                </span>
              </nav>
            </>
          )}
      </div>
    </CompetitionFrame>
  );
});

/** Where an entry puts somebody, or how often a computed score moved on its way. */
function placeText({ division, body }: LogRow): string {
  if (division) return division;
  if (body?.steps) return body.steps.length === 1 ? "1 step" : `${body.steps.length} steps`;
  if (body?.teamId === undefined) return "";
  return body.teamId === null ? "no team" : `team ${body.teamId.slice(-12)}`;
}

function LogTable(
  { rows, competition, state }: { rows: LogRow[]; competition: CompetitionView; state: State },
) {
  const format = scoreFormatOf(competition.scoring);
  const valueText = (row: LogRow) => {
    const { operator, value } = row;
    if (value === undefined || value === null) return placeText(row);
    const score = scoreText(value / 10 ** format.decimals, format);
    return operator ? `${operator} ${score}` : score;
  };
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Log entries">
      <table class="table">
        <thead>
          <tr>
            <th scope="col" class="num">Seq</th>
            <th scope="col">Arrived</th>
            <th scope="col">Entry</th>
            <th scope="col">Value</th>
            <th scope="col">Participant</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.seq}>
              <td class="num">{row.seq}</td>
              <td>
                <TimeText at={row.arrivedAt} view={state.view} style="second" />
              </td>
              <td>{sentence(row.kind)}</td>
              <td class="gain">{valueText(row)}</td>
              <td class="hash">{row.participantId?.slice(-12) ?? ""}</td>
              <td class="hash" title={row.hash}>{row.hash.slice(0, 16)}…</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
