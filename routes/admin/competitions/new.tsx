import { type Context, HttpError, page } from "fresh";
import { DivisionFields, TeamFields } from "@/components/team/GroupFields.tsx";
import {
  AboutFields,
  PlacesFields,
  ScheduleFields,
} from "@/components/competition/CompetitionFields.tsx";
import {
  type CompetitionFormValues,
  EMPTY_COMPETITION,
} from "@/components/competition/competition_form.ts";
import { EntryFields } from "@/components/competition/EntryFields.tsx";
import { CsrfField, type Faults, FaultSummary } from "@/components/Field.tsx";
import { MoneyFields } from "@/components/competition/MoneyFields.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { RecurrenceFields } from "@/components/competition/RecurrenceFields.tsx";
import { RankingFields, ScoringFields } from "@/components/competition/ScoringFields.tsx";
import { DefaultSubmit, PreviewCard } from "../../(_frames)/PreviewCard.tsx";
import { define, type State } from "../../define.ts";
import { competitionFormOf, parseNewCompetition } from "../../forms/competition_form.ts";
import { faultsOfRefusal } from "../../forms/fields.ts";
import { formFaults } from "../../forms/fault_names.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";
import { type PreviewedForm, previewOf, wantsPreview } from "../../rule_preview_of.ts";

interface Data {
  values: CompetitionFormValues;
  faults: Faults;
  previewed: PreviewedForm;
}

function checkMayCreate({ state }: Context<State>): void {
  const role = state.account?.role;
  if (role === "admin" || role === "organiser") return;
  throw new HttpError(403, "Cannot make competitions: it needs the role organiser");
}

export const handler = define.handlers({
  async GET(ctx) {
    checkMayCreate(ctx);
    const values = { ...EMPTY_COMPETITION, timeZone: ctx.state.view.timeZone };
    return page<Data>({ values, faults: {}, previewed: await previewOf(ctx.state, values) });
  },
  async POST(ctx) {
    const { form, services, actor } = ctx.state;
    const values = competitionFormOf(form);
    const shown = async (faults: Faults, status = 200) => {
      const previewed = await previewOf(ctx.state, values);
      return page<Data>({ values, faults, previewed }, { status });
    };
    if (wantsPreview(form)) return await shown({});
    const { value, faults } = parseNewCompetition(values);
    if (faults) return await shown(faults, 422);
    let id = "";
    const refusal = await refusalOf(async () => {
      id = (await services.competitions.create(actor, value)).id;
    });
    if (refusal) {
      const named = formFaults(refusal.code, faultsOfRefusal(refusal), values.money);
      return await shown(named, refusal.status);
    }
    return seeOther(ctx, `/admin/competitions/${id}`, {
      tone: "good",
      text: "The draft is saved. Publish it when it is ready; until then only you see it.",
    });
  },
});

export default define.page<typeof handler>(function NewCompetition({ data, state }) {
  const { values, faults, previewed } = data;
  const zones = Intl.supportedValuesOf("timeZone");
  return (
    <div class="narrow">
      <PageHead
        title="New competition"
        crumbs={[{ href: "/admin/competitions", label: "Competitions" }]}
        sub="It is saved as a draft; nobody else sees it before you publish it."
      />
      <form
        class="form"
        method="post"
        action="/admin/competitions/new"
        encType="multipart/form-data"
        noValidate
      >
        <DefaultSubmit />
        <FaultSummary faults={faults} isLong />
        <CsrfField token={state.csrfToken} />
        <AboutFields values={values} faults={faults} />
        <ScheduleFields values={values} faults={faults} zones={zones} isLocked={false} />
        <ScoringFields values={values} faults={faults} />
        <RankingFields values={values} faults={faults} />
        <PreviewCard previewed={previewed} csrfToken={state.csrfToken} />
        <RecurrenceFields values={values} faults={faults} />
        <PlacesFields values={values} faults={faults} />
        <EntryFields values={values} faults={faults} />
        <DivisionFields values={values} faults={faults} />
        <TeamFields values={values} faults={faults} />
        <MoneyFields values={values} faults={faults} />
        <div class="actions">
          <button type="submit" class="button primary">Save draft</button>
          <a class="button" href="/admin/competitions">Cancel</a>
        </div>
      </form>
    </div>
  );
});
