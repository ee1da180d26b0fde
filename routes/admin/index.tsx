import { page } from "fresh";
import { PhaseBadge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { Overview } from "@/contracts/admin.ts";
import type { Phase } from "@/domain/competition.ts";
import LiveOverview from "@/islands/LiveOverview.tsx";
import { define, type State } from "../define.ts";

export const handler = define.handlers({
  async GET({ state: { services, actor } }) {
    const [overview, hasDemo] = await Promise.all([
      services.overview.get(actor),
      services.demo.exists(),
    ]);
    return page({ overview, hasDemo });
  },
});

export default define.page<typeof handler>(function OverviewPage({ data, state }) {
  const { overview: { competitions, ...figures }, hasDemo } = data;
  const { activeCompetitions, participants, users } = figures;
  const mayCreate = state.account?.role === "admin" || state.account?.role === "organiser";
  const sub = [
    `${groupDigits(activeCompetitions)} live ${
      activeCompetitions === 1 ? "competition" : "competitions"
    }`,
    `${groupDigits(participants)} participants`,
    `${groupDigits(users)} people`,
  ];
  return (
    <>
      <PageHead title="Overview" sub={sub.join(" · ")}>
        {mayCreate
          ? (
            <a class="button primary" href="/admin/competitions/new">
              <Icon name="plus" /> New competition
            </a>
          )
          : null}
      </PageHead>
      <div class="stack">
        {hasDemo ? <DemoBanner isAdmin={state.account?.role === "admin"} /> : null}
        <LiveOverview initial={figures} />
        <Today competitions={competitions} state={state} />
      </div>
    </>
  );
});

function DemoBanner({ isAdmin }: { isAdmin: boolean }) {
  return (
    <div class="notice demo-notice">
      <Icon name="info" />
      <span>
        You are looking at demo data: made-up athletes, moved by a simulator.{" "}
        {isAdmin ? <a href="/admin/demo">Remove demo data</a> : null}
      </span>
    </div>
  );
}

function Today(
  { competitions, state }: { competitions: Overview["competitions"]; state: State },
) {
  return (
    <section class="card" aria-labelledby="today">
      <div class="card-head">
        <h2 id="today">Today’s competitions</h2>
        <a href="/admin/competitions">All competitions</a>
      </div>
      {competitions.length === 0
        ? (
          <EmptyState
            title="Nothing runs today"
            text="Competitions that are under way or start today appear here with their leader."
          >
            <a class="button" href="/admin/competitions">See all competitions</a>
          </EmptyState>
        )
        : (
          <table class="table blocks">
            <thead>
              <tr>
                <th scope="col">Competition</th>
                <th scope="col">Phase</th>
                <th scope="col" class="num">Participants</th>
                <th scope="col">Leader</th>
                <th scope="col">Ends</th>
              </tr>
            </thead>
            <tbody>
              {competitions.map((one) => (
                <tr key={one.id}>
                  <td>
                    <a href={`/admin/competitions/${one.id}`}>{one.name}</a>
                  </td>
                  <td>
                    <PhaseBadge phase={one.phase as Phase} />
                  </td>
                  <td class="num" data-label="Participants">
                    {groupDigits(one.participantCount)}
                  </td>
                  <td data-label="Leader">{one.leader?.name ?? "–"}</td>
                  <td data-label="Ends">
                    <TimeText at={one.endsAt} view={state.view} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}
