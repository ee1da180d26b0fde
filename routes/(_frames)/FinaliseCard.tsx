import { approverText } from "@/components/board/approver_text.ts";
import { Badge } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { Choice, Fault } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { type Attempt, ReasonForm } from "@/components/ReasonForm.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { FinaliseBlocker, FinaliseState, ResultRevision } from "@/contracts/results.ts";
import type { State } from "../define.ts";

const CONSEQUENCES = [
  "The standings are signed as they are now; anybody can check them against the log.",
  "No activity and no score counts any more. Only disqualifying changes the result, as a new revision.",
  "A frozen board moves again and shows the result.",
  "Your name stands under it. It cannot be taken back.",
];

interface Props {
  competition: CompetitionView;
  finalise: FinaliseState | null;
  result: ResultRevision | null;
  state: State;
  attempt: Attempt;
}

/** The result: what keeps it from being final, its approval, and what was approved. */
export function FinaliseCard({ competition, finalise, result, state, attempt }: Props) {
  const failed = attempt.action === "finalise" ? attempt.faults : {};
  return (
    <section class="card" id="result" aria-labelledby="result-title">
      <div class="card-head">
        <h2 id="result-title">Result</h2>
        {result ? <Badge tone="good">Final</Badge> : null}
      </div>
      <div class="card-body stack">
        {competition.finalization === "automatic" && competition.status === "published"
          ? (
            <p class="muted">
              The schedule makes it final after the grace, as soon as nothing is open. You need not
              wait for that.
            </p>
          )
          : null}
        {result
          ? <Approved competition={competition} result={result} state={state} />
          : finalise === null
          ? <p class="muted">{NOT_YET[competition.status] ?? "There is no result."}</p>
          : finalise.ready
          ? (
            <ReasonForm
              action="finalise"
              csrfToken={state.csrfToken}
              button="Make the result final"
              tone="danger"
              hint="Published with the result."
              isOptional
              attempt={attempt}
            >
              <Consequences texts={CONSEQUENCES} />
              <div class="field">
                <Choice
                  type="checkbox"
                  name="approve"
                  value="yes"
                  label={`I, ${state.account?.name}, approve this result.`}
                  checked={false}
                  required
                />
                <Fault name="approve" faults={failed} />
              </div>
            </ReasonForm>
          )
          : <Blockers competition={competition} blockers={finalise.blockers} state={state} />}
      </div>
    </section>
  );
}

const NOT_YET: Partial<Record<CompetitionView["status"], string>> = {
  draft: "A draft has no result. Publish it first.",
  cancelled: "The competition was cancelled; it has no result.",
};

function Approved(
  { competition, result, state }: Pick<Props, "competition" | "state"> & {
    result: ResultRevision;
  },
) {
  return (
    <>
      <p>
        Revision {result.revision}, approved by {approverText(result)} on{" "}
        <TimeText at={result.approvedAt} view={state.view} />.
        {result.reason ? ` “${result.reason}”` : ""}
      </p>
      <div class="actions">
        <a class="button" href={`/c/${competition.slug}/result`}>
          <Icon name="check" /> Result page
        </a>
      </div>
    </>
  );
}

/** Where a blocker is dealt with. */
function wayOut(code: string, { id }: CompetitionView): { href: string; label: string } | null {
  if (code !== "reviews_waiting") return null;
  return { href: `/admin/reviews?competitionId=${id}`, label: "Open the review queue" };
}

function Blockers(
  { competition, blockers, state }: Pick<Props, "competition" | "state"> & {
    blockers: FinaliseBlocker[];
  },
) {
  return (
    <>
      <p>It cannot be made final yet:</p>
      <ul class="blockers">
        {blockers.map(({ code, message }) => {
          const way = wayOut(code, competition);
          return (
            <li key={code}>
              <Icon name="alert" />
              <span>
                {code === "grace_not_over"
                  ? <GraceText competition={competition} state={state} />
                  : `${message}. `}
                {way ? <a href={way.href}>{way.label}</a> : null}
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function GraceText({ competition, state }: Pick<Props, "competition" | "state">) {
  const over = new Date(Date.parse(competition.endsAt) + competition.graceMs);
  return (
    <>
      Late data still counts until <TimeText at={over.toISOString()} view={state.view} />.
    </>
  );
}
