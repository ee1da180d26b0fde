import { type Context, HttpError, page } from "fresh";
import type { CompetitionFormValues } from "@/components/competition/competition_form.ts";
import { Consequences } from "@/components/Consequences.tsx";
import { CsrfField, type Faults, FaultSummary, TextArea } from "@/components/Field.tsx";
import { teamFormOf, teamRuleOf } from "@/components/team/group_form.ts";
import { TeamFields } from "@/components/team/GroupFields.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { scoringFormOf, scoringOf } from "@/components/competition/scoring_form.ts";
import { RankingFields, ScoringFields } from "@/components/competition/ScoringFields.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { RulesChange } from "@/contracts/rules.ts";
import { competitionOf } from "../../../../competition_of.ts";
import { DefaultSubmit, PreviewCard } from "../../../../(_frames)/PreviewCard.tsx";
import { define, type State } from "../../../../define.ts";
import { competitionFormFrom } from "../../../../forms/competition_form.ts";
import { chosenOf, faultsOfRefusal, faultsOfSchema, textOf } from "../../../../forms/fields.ts";
import { refusalOf, seeOther } from "../../../../page_answer.ts";
import { type PreviewedForm, previewOf, wantsPreview } from "../../../../rule_preview_of.ts";

interface Data {
  competition: CompetitionView;
  values: CompetitionFormValues;
  reason: string;
  faults: Faults;
  previewed: PreviewedForm;
}

/** Tried on samples, or on what the participants did so far. */
async function previewed(
  { state }: Context<State>,
  { id, participantCount, scoring }: CompetitionView,
  values: CompetitionFormValues,
): Promise<PreviewedForm> {
  const hasParticipants = participantCount > 0 && scoring.kind === "activity";
  return await previewOf(state, values, { id, hasParticipants });
}

async function published(ctx: Context<State>): Promise<CompetitionView> {
  const competition = await competitionOf(ctx);
  if (!competition.canManage) {
    throw new HttpError(403, "Cannot change the rules: it is another organiser's competition");
  }
  if (competition.status === "published") return competition;
  throw new HttpError(409, `Cannot change the rules: the competition is ${competition.status}`);
}

export const handler = define.handlers({
  async GET(ctx) {
    const competition = await published(ctx);
    const values = competitionFormFrom(competition);
    const tried = await previewed(ctx, competition, values);
    return page<Data>({ competition, values, reason: "", faults: {}, previewed: tried });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const competition = await published(ctx);
    const values = {
      ...competitionFormFrom(competition),
      scoring: scoringFormOf(form),
      rankMethod: textOf(form, "rankMethod"),
      tieBreaks: [...new Set(chosenOf(form, "tieBreaks"))],
      teams: teamFormOf(form),
    };
    const reason = textOf(form, "reason");
    const shown = async (faults: Faults, status = 200) => {
      const tried = await previewed(ctx, competition, values);
      return page<Data>({ competition, values, reason, faults, previewed: tried }, { status });
    };
    if (wantsPreview(form)) return await shown({});
    const { rankMethod, tieBreaks } = values;
    const change = RulesChange.safeParse({
      ...{ scoring: scoringOf(values.scoring), rankMethod, tieBreaks, reason },
      teams: teamRuleOf(values.teams),
    });
    if (!change.success) {
      return await shown(faultsOfSchema(change.error), 422);
    }
    let version = 0;
    const refusal = await refusalOf(async () => {
      const changed = await services.ruleVersions.change(actor, competition.id, change.data);
      version = changed.version.version;
    });
    if (refusal) {
      return await shown(faultsOfRefusal(refusal), refusal.status);
    }
    const text = `Version ${version} holds now; everybody was scored by it and told.`;
    return seeOther(ctx, `/admin/competitions/${competition.id}/rules`, { tone: "good", text });
  },
});

const CONSEQUENCES = [
  "Everybody is scored anew from the start by the new rules; ranks may change at once.",
  "Participants are told, with your reason. The version before stays in the log for everybody to read.",
  "It is not undone, only followed by another version.",
];

export default define.page<typeof handler>(function ChangeRules({ data, state }) {
  const { competition, values, reason, faults } = data;
  const { csrfToken } = state;
  const base = `/admin/competitions/${competition.id}`;
  return (
    <div class="narrow">
      <PageHead
        title="Change the rules"
        crumbs={[
          { href: "/admin/competitions", label: "Competitions" },
          { href: base, label: competition.name },
          { href: `${base}/rules`, label: "Rules" },
        ]}
      />
      <form class="form" method="post" encType="multipart/form-data" noValidate>
        <DefaultSubmit />
        <FaultSummary faults={faults} isLong />
        <CsrfField token={csrfToken} />
        <ScoringFields
          values={values}
          faults={faults}
          about="Change what has to change; the rest stays as it is."
        />
        <RankingFields values={values} faults={faults} />
        <TeamFields values={values} faults={faults} />
        <PreviewCard previewed={data.previewed} csrfToken={csrfToken} />
        <fieldset class="card group danger-card">
          <legend>New version</legend>
          <Consequences texts={CONSEQUENCES} />
          <TextArea
            name="reason"
            label="Reason"
            rows={3}
            value={reason}
            faults={faults}
            maxLength={500}
            required
            hint="Every participant reads it."
          />
        </fieldset>
        <div class="actions">
          <button type="submit" class="button danger">Enter the new version</button>
          <a class="button" href={`${base}/rules`}>Cancel</a>
        </div>
      </form>
    </div>
  );
});
