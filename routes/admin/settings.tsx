import { page } from "fresh";
import { Choice, CsrfField, type Faults, FaultSummary, TextField } from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { type Settings, SettingsChange } from "@/contracts/settings.ts";
import { define } from "../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../forms/fields.ts";
import { refusalOf, seeOther } from "../page_answer.ts";

interface Values {
  platformName: string;
  registrationOpen: boolean;
  defaultTimeZone: string;
  platformCut: string;
}

interface Data {
  values: Values;
  faults: Faults;
}

const BASIS_POINTS_PER_PERCENT = 100;
/** Two decimals at most: a basis point is the smallest part there is. */
const PERCENT = /^\d{1,2}(?:[.,]\d{1,2})?$/;

export const handler = define.handlers({
  async GET({ state: { services, actor } }) {
    const settings = await services.settings.get(actor);
    return page<Data>({ values: valuesOf(settings), faults: {} });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const values = readValues(form);
    const change = changeOf(values);
    if (!change.success) {
      const { platformCutBasisPoints: platformCut, ...rest } = faultsOfSchema(change.error);
      const faults = platformCut ? { ...rest, platformCut: "Give a percentage up to 50" } : rest;
      return page<Data>({ values, faults }, { status: 422 });
    }
    const refusal = await refusalOf(() => services.settings.change(actor, change.data));
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>({ values, faults }, { status: refusal.status });
    }
    return seeOther(ctx, "/admin/settings", { tone: "good", text: "The settings are saved." });
  },
});

function valuesOf(settings: Settings): Values {
  const { platformCutBasisPoints, ...rest } = settings;
  return { ...rest, platformCut: String(platformCutBasisPoints / BASIS_POINTS_PER_PERCENT) };
}

function readValues(form: FormData): Values {
  return {
    platformName: textOf(form, "platformName"),
    registrationOpen: textOf(form, "registrationOpen") === "true",
    defaultTimeZone: textOf(form, "defaultTimeZone"),
    platformCut: textOf(form, "platformCut"),
  };
}

function changeOf({ platformCut, ...rest }: Values) {
  const percent = PERCENT.test(platformCut) ? Number(platformCut.replace(",", ".")) : NaN;
  const platformCutBasisPoints = Math.round(percent * BASIS_POINTS_PER_PERCENT);
  return SettingsChange.safeParse({ ...rest, platformCutBasisPoints });
}

export default define.page<typeof handler>(function SettingsPage({ data, state }) {
  const { values, faults } = data;
  return (
    <div class="narrow">
      <PageHead title="Settings" sub="For the whole platform, on every server within seconds." />
      <form class="form" method="post" action="/admin/settings" noValidate>
        <FaultSummary faults={faults} />
        <CsrfField token={state.csrfToken} />
        <fieldset class="card group">
          <legend>Platform</legend>
          <TextField
            name="platformName"
            label="Name"
            value={values.platformName}
            faults={faults}
            maxLength={60}
            required
            hint="On every page, in place of Paceboard."
          />
          <TextField
            name="defaultTimeZone"
            label="Time zone"
            value={values.defaultTimeZone}
            faults={faults}
            list="settings-zones"
            hint="Of visitors, and of new competitions by people who have not chosen theirs."
          />
          <datalist id="settings-zones">
            {Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone} value={zone} />)}
          </datalist>
        </fieldset>
        <fieldset class="card group">
          <legend>People</legend>
          <Choice
            type="checkbox"
            name="registrationOpen"
            value="true"
            label="Anybody may make an account"
            about="Without it, only people who have one can sign in."
            checked={values.registrationOpen}
          />
        </fieldset>
        <fieldset class="card group">
          <legend>Money</legend>
          <TextField
            name="platformCut"
            label="Cut of entry fees, in percent"
            value={values.platformCut}
            faults={faults}
            inputMode="decimal"
            hint="What the platform keeps of new competitions' fees, at most 50."
          />
        </fieldset>
        <div class="actions">
          <button type="submit" class="button primary">Save the settings</button>
        </div>
      </form>
    </div>
  );
});
