import { page } from "fresh";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { Markdown } from "@/components/Markdown.tsx";
import {
  RANK_METHOD_TEXT,
  ruleFacts,
  ruleText,
  TIE_BREAK_TEXT,
} from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { Competition } from "@/contracts/competitions.ts";
import type { RuleVersion } from "@/contracts/rules.ts";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define, type State } from "../../../define.ts";

export const handler = define.handlers({
  async GET({ state: { services, actor }, params }) {
    const [competition, versions] = await Promise.all([
      services.competitions.get(actor, params.id!),
      services.ruleVersions.list(actor, params.id!),
    ]);
    return page({ competition, versions });
  },
});

export default define.page<typeof handler>(function Rules({ data, state }) {
  const { competition, versions } = data;
  const { scoring, description } = competition;
  return (
    <CompetitionFrame competition={competition} tab="/rules">
      <div class="stack narrow">
        <LockNotice competition={competition} view={state.view} />
        {competition.canManage && competition.status === "published"
          ? (
            <div class="actions">
              <a class="button" href={`/admin/competitions/${competition.id}/rules/change`}>
                <Icon name="sliders" /> Change the rules…
              </a>
            </div>
          )
          : null}
        <section class="card" aria-labelledby="scoring">
          <div class="card-head">
            <h2 id="scoring">Scoring</h2>
          </div>
          <div class="card-body">
            <Facts facts={ruleFacts(scoring)} />
          </div>
        </section>
        <Ranking competition={competition} />
        {versions.length > 1 ? <Versions versions={versions} state={state} /> : null}
        {description
          ? (
            <section class="card" aria-labelledby="description">
              <div class="card-head">
                <h2 id="description">Description</h2>
              </div>
              <div class="card-body">
                <Markdown source={description} />
              </div>
            </section>
          )
          : null}
      </div>
    </CompetitionFrame>
  );
});

function LockNotice({ competition, view }: { competition: Competition; view: State["view"] }) {
  const { publishedAt, rulesVersion } = competition;
  return (
    <div class="notice" data-tone={publishedAt ? "good" : "warn"}>
      <Icon name={publishedAt ? "lock" : "info"} />
      <span>
        {publishedAt
          ? (
            <>
              Version {rulesVersion}, locked since <TimeText at={publishedAt} view={view} />.
            </>
          )
          : "These rules can be edited until the competition is published."}
      </span>
    </div>
  );
}

function Ranking({ competition: { rankMethod, tieBreaks } }: { competition: Competition }) {
  const ties = [
    ...tieBreaks.map((step) => TIE_BREAK_TEXT[step]),
    "Who reached it first goes first",
  ];
  return (
    <section class="card" aria-labelledby="ranking">
      <div class="card-head">
        <h2 id="ranking">Ranks and ties</h2>
      </div>
      <div class="card-body">
        <Facts
          facts={[
            { term: "Rank method", value: RANK_METHOD_TEXT[rankMethod] },
            {
              term: "Equal scores",
              value: <ol>{ties.map((tie) => <li key={tie}>{tie}</li>)}</ol>,
            },
          ]}
        />
      </div>
    </section>
  );
}

/** Every version with its reason, newest first. */
function Versions({ versions, state }: { versions: RuleVersion[]; state: State }) {
  return (
    <section class="card" aria-labelledby="versions">
      <div class="card-head">
        <h2 id="versions">Versions</h2>
      </div>
      <ol class="announcements" reversed>
        {versions.map(({ version, scoring, rankMethod, enteredAt, reason }) => (
          <li key={version}>
            <b>Version {version}</b>
            <p>
              {ruleText(scoring)}. {RANK_METHOD_TEXT[rankMethod]}.
            </p>
            <p class="muted small">
              {enteredAt ? <TimeText at={enteredAt} view={state.view} /> : null}
              {reason ? ` · “${reason}”` : ""}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
