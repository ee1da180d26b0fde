import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { scoreHead } from "@/components/competition/rule_text.ts";
import { groupDigits, scoreFormatOf, scoreText } from "@/components/score_text.ts";
import { teamRuleText } from "@/components/team/team_text.ts";
import { TeamMembers } from "@/components/team/TeamMembers.tsx";
import { membersText } from "@/components/team/TeamTable.tsx";
import { SitePage } from "../../../(_frames)/SitePage.tsx";
import { shownCompetition } from "../../../board_visitor.ts";
import { define } from "../../../define.ts";
import { idOf } from "../../../forms/attempt.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor } = ctx.state;
    const competition = await shownCompetition(ctx);
    const told = await services.teams.explain(actor, competition.id, idOf(ctx.params.teamId));
    return page({ competition, told });
  },
});

export default define.page<typeof handler>(function TeamPage({ data, state, url }) {
  const { competition, told } = data;
  const { slug, scoring } = competition;
  const { team, members, frozen, rule, offset } = told;
  const format = scoreFormatOf(scoring);
  return (
    <SitePage state={state} url={url}>
      <PageHead
        title={team.name}
        crumbs={[
          { href: `/c/${slug}`, label: competition.name },
          { href: `/c/${slug}?board=teams`, label: "Teams" },
        ]}
        sub={rule ? teamRuleText(rule) : ""}
      />
      <div class="stack">
        {frozen
          ? (
            <p class="notice">
              <Icon name="snow" />
              <span>
                {competition.isStaff
                  ? "The public board is frozen. You are staff: this is of now."
                  : "The board is frozen: this shows how it stood then."}
              </span>
            </p>
          )
          : null}
        <section class="card" aria-labelledby="team-title">
          <div class="card-body">
            <h2 id="team-title" class="hidden-text">Standing</h2>
            <dl class="standing">
              <div>
                <dt>Rank</dt>
                <dd>{team.rank ?? "–"}</dd>
              </div>
              <div>
                <dt>{scoreHead(scoring)}</dt>
                <dd>{scoreText(team.score, format)}</dd>
              </div>
              <div>
                <dt>In it now</dt>
                <dd>{membersText(team.members)}</dd>
              </div>
            </dl>
          </div>
        </section>
        <section class="card" aria-labelledby="members-title">
          <div class="card-head">
            <h2 id="members-title">Who gave what</h2>
            <span class="muted small num">offset {groupDigits(offset)}</span>
          </div>
          {members.length === 0
            ? <EmptyState title="Nobody yet" text="Who joins is listed here." />
            : (
              <TeamMembers
                members={members}
                format={format}
                view={state.view}
                path={`/c/${slug}/why`}
              />
            )}
        </section>
      </div>
    </SitePage>
  );
});
