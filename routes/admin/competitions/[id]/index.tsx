import { page } from "fresh";
import { BoardTabs } from "@/components/board/BoardTabs.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { VISIBILITY_TEXT } from "@/components/competition/rule_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { durationText } from "@/components/time_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { BoardPart } from "../../../(_frames)/BoardPart.tsx";
import { boardOf } from "../../../board_data.ts";
import { define, type State } from "../../../define.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const competition = await services.competitions.get(actor, ctx.params.id!);
    const asked = ctx.url.searchParams.get("division");
    const division = competition.divisions.find((name) => name === asked);
    const board = competition.phase === "draft"
      ? null
      : await boardOf(ctx.state, competition.id, division);
    return page({ competition, board, division });
  },
});

export default define.page<typeof handler>(function CompetitionBoard({ data, state }) {
  const { competition, board, division } = data;
  return (
    <CompetitionFrame competition={competition} tab="">
      {board
        ? (
          <BoardTabs
            path={`/admin/competitions/${competition.id}`}
            divisions={competition.divisions}
            hasTeams={false}
            chosen={{ division, isTeams: false }}
          />
        )
        : null}
      <div class="split">
        {board
          ? <BoardPart competition={competition} board={board} division={division} />
          : (
            <div class="card">
              <EmptyState
                title="Still a draft"
                text="Nobody but you sees it. Publishing opens the registration and locks the rules."
              >
                {competition.canManage
                  ? (
                    <>
                      <a
                        class="button primary"
                        href={`/admin/competitions/${competition.id}/danger`}
                      >
                        <Icon name="flag" /> Publish…
                      </a>
                      <a class="button" href={`/admin/competitions/${competition.id}/edit`}>Edit</a>
                    </>
                  )
                  : null}
              </EmptyState>
            </div>
          )}
        <AboutCard competition={competition} state={state} />
      </div>
    </CompetitionFrame>
  );
});

function AboutCard({ competition, state }: { competition: CompetitionView; state: State }) {
  const { visibility, inviteCode, capacity, participantCount, graceMs } = competition;
  const at = (instant: string) => <TimeText at={instant} view={state.view} />;
  const places = capacity ? ` of ${groupDigits(capacity)}` : "";
  return (
    <aside class="card" aria-labelledby="about">
      <div class="card-head">
        <h2 id="about">About</h2>
      </div>
      <div class="card-body">
        <Facts
          isTight
          facts={[
            { term: "Participants", value: groupDigits(participantCount) + places },
            { term: "Starts", value: at(competition.startsAt) },
            { term: "Ends", value: at(competition.endsAt) },
            { term: "Registration closes", value: at(competition.registrationClosesAt) },
            { term: "Late data counts for", value: durationText(graceMs) },
            { term: "Time zone of its days", value: competition.timeZone },
            { term: "Visible to", value: VISIBILITY_TEXT[visibility].about },
            ...(inviteCode ? [{ term: "Invite code", value: <code>{inviteCode}</code> }] : []),
            ...(competition.cancelReason
              ? [{ term: "Cancelled because", value: competition.cancelReason }]
              : []),
          ]}
        />
      </div>
    </aside>
  );
}
