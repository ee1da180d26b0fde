import { type Context, HttpError, page } from "fresh";
import { DivisionFields, TeamFields } from "@/components/team/GroupFields.tsx";
import {
  AboutFields,
  PlacesFields,
  ScheduleFields,
} from "@/components/competition/CompetitionFields.tsx";
import type { CompetitionFormValues } from "@/components/competition/competition_form.ts";
import { Facts } from "@/components/Facts.tsx";
import { EntryFields } from "@/components/competition/EntryFields.tsx";
import { CsrfField, type Faults, FaultSummary } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { MoneyFields } from "@/components/competition/MoneyFields.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { feeFacts, planFacts } from "@/components/money/prize_text.ts";
import { RANK_METHOD_TEXT, ruleFacts } from "@/components/competition/rule_text.ts";
import { RecurrenceFields } from "@/components/competition/RecurrenceFields.tsx";
import { RankingFields, ScoringFields } from "@/components/competition/ScoringFields.tsx";
import { groupFacts } from "@/components/team/team_text.ts";
import { instantText } from "@/components/time_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { DefaultSubmit, PreviewCard } from "../../../(_frames)/PreviewCard.tsx";
import { define, type State } from "../../../define.ts";
import {
  competitionFormFrom,
  competitionFormOf,
  parseCompetitionChange,
} from "../../../forms/competition_form.ts";
import { formFaults } from "../../../forms/fault_names.ts";
import { faultsOfRefusal } from "../../../forms/fields.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";
import { type PreviewedForm, previewOf, wantsPreview } from "../../../rule_preview_of.ts";

interface Data {
  competition: CompetitionView;
  values: CompetitionFormValues;
  faults: Faults;
  /** Null once the rules are locked. */
  previewed: PreviewedForm | null;
}

async function managed({ state: { services, actor }, params }: Context<State>) {
  const competition = await services.competitions.get(actor, params.id!);
  if (competition.canManage) return competition;
  throw new HttpError(403, "Cannot edit this competition: it is another organiser's");
}

function isLocked({ publishedAt, status }: CompetitionView): boolean {
  return publishedAt !== null || status !== "draft";
}

/** A draft has no participants: its rule is tried on samples. */
async function previewedDraft(
  { state }: Context<State>,
  competition: CompetitionView,
  values: CompetitionFormValues,
): Promise<PreviewedForm | null> {
  return isLocked(competition) ? null : await previewOf(state, values);
}

export const handler = define.handlers({
  async GET(ctx) {
    const competition = await managed(ctx);
    const values = competitionFormFrom(competition);
    const previewed = await previewedDraft(ctx, competition, values);
    return page<Data>({ competition, values, faults: {}, previewed });
  },
  async POST(ctx) {
    const { form, services, actor } = ctx.state;
    const competition = await managed(ctx);
    const { timeZone } = competition;
    const stored = { timeZone, isLocked: isLocked(competition) };
    const posted = competitionFormOf(form);
    const values = stored.isLocked ? { ...posted, timeZone } : posted;
    const shown = async (faults: Faults, status = 200) => {
      const previewed = await previewedDraft(ctx, competition, values);
      return page<Data>({ competition, values, faults, previewed }, { status });
    };
    if (wantsPreview(form)) return await shown({});
    const { value, faults } = parseCompetitionChange(values, stored);
    if (faults) return await shown(faults, 422);
    const refusal = await refusalOf(() => {
      return services.competitions.change(actor, competition.id, value);
    });
    if (refusal) {
      const named = formFaults(refusal.code, faultsOfRefusal(refusal), values.money);
      return await shown(named, refusal.status);
    }
    const flash = { tone: "good", text: "The changes are saved." } as const;
    return seeOther(ctx, `/admin/competitions/${competition.id}`, flash);
  },
});

export default define.page<typeof handler>(function EditCompetition({ data, state }) {
  const { competition, values, faults, previewed } = data;
  const base = `/admin/competitions/${competition.id}`;
  const locked = isLocked(competition);
  return (
    <div class="narrow">
      <PageHead
        title={`Edit ${competition.name}`}
        crumbs={[
          { href: "/admin/competitions", label: "Competitions" },
          { href: base, label: competition.name },
        ]}
      />
      <form
        class="form"
        method="post"
        action={`${base}/edit`}
        encType="multipart/form-data"
        noValidate
      >
        <DefaultSubmit />
        <FaultSummary faults={faults} isLong />
        <CsrfField token={state.csrfToken} />
        <AboutFields values={values} faults={faults} />
        <ScheduleFields
          values={values}
          faults={faults}
          zones={Intl.supportedValuesOf("timeZone")}
          isLocked={locked}
        />
        {locked ? <LockedRules competition={competition} /> : (
          <>
            <ScoringFields values={values} faults={faults} />
            <RankingFields values={values} faults={faults} />
            {previewed ? <PreviewCard previewed={previewed} csrfToken={state.csrfToken} /> : null}
          </>
        )}
        <RecurrenceFields values={values} faults={faults} />
        <PlacesFields values={values} faults={faults} />
        <EntryFields values={values} faults={faults} />
        <DivisionFields values={values} faults={faults} />
        {locked ? null : <TeamFields values={values} faults={faults} />}
        {locked ? null : <MoneyFields values={values} faults={faults} />}
        <div class="actions">
          <button type="submit" class="button primary">Save changes</button>
          <a class="button" href={base}>Cancel</a>
        </div>
      </form>
    </div>
  );
});

function LockedRules({ competition }: { competition: CompetitionView }) {
  const { scoring, rankMethod, startsAt, timeZone, entryFee, prizes } = competition;
  return (
    <section class="card" aria-labelledby="locked">
      <div class="card-head">
        <h2 id="locked">Locked by publishing</h2>
        <Icon name="lock" />
      </div>
      <div class="card-body">
        <Facts
          facts={[
            { term: "Starts", value: instantText(startsAt, { timeZone, locale: "en" }) },
            { term: "Time zone", value: timeZone },
            ...ruleFacts(scoring),
            { term: "Rank method", value: RANK_METHOD_TEXT[rankMethod] },
            ...groupFacts({ divisions: [], teams: competition.teams }),
            ...feeFacts(entryFee),
            ...planFacts(prizes),
          ]}
        />
      </div>
    </section>
  );
}
