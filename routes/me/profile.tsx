import { type Context, page } from "fresh";
import {
  CsrfField,
  type Faults,
  FaultSummary,
  SelectField,
  TextArea,
  TextField,
} from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { PASSWORD_MIN, PasswordChange } from "@/contracts/auth.ts";
import { type Profile, ProfileChange } from "@/contracts/users.ts";
import { define, type State } from "../define.ts";
import { faultsOfRefusal, faultsOfSchema, secretOf, textOf } from "../forms/fields.ts";
import { personIn, refusalOf, seeOther } from "../page_answer.ts";

/** Languages that dates are written in; texts are English. */
const LOCALES = [
  { value: "en", label: "English (1 May 2026)" },
  { value: "en-US", label: "English, US (May 1, 2026)" },
  { value: "de", label: "Deutsch" },
  { value: "fi", label: "Suomi" },
  { value: "fr", label: "Français" },
  { value: "sv", label: "Svenska" },
];

interface Values {
  name: string;
  alias: string;
  bio: string;
  country: string;
  birthDate: string;
  timeZone: string;
  locale: string;
}

interface Data {
  values: Values;
  faults: Faults;
  passwordFaults: Faults;
}

async function storedValues({ state }: Context<State>): Promise<Values> {
  const { services, actor } = state;
  const profile = await services.users.getProfile(actor, personIn(state).userId);
  const { name, alias, bio, country, birthDate, timeZone, locale }: Profile = profile;
  const given = { alias: alias ?? "", country: country ?? "", birthDate: birthDate ?? "" };
  return { name, bio, timeZone, locale, ...given };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>({ values: await storedValues(ctx), faults: {}, passwordFaults: {} });
  },
  POST(ctx) {
    return textOf(ctx.state.form, "action") === "password" ? setPassword(ctx) : setProfile(ctx);
  },
});

async function setProfile(ctx: Context<State>) {
  const { form, services, actor } = ctx.state;
  const text = (name: keyof Values) => textOf(form, name);
  const values: Values = {
    name: text("name"),
    alias: text("alias"),
    bio: text("bio"),
    country: text("country").toUpperCase(),
    birthDate: text("birthDate"),
    timeZone: text("timeZone"),
    locale: text("locale"),
  };
  const failed = (faults: Faults, status: number) => {
    return page<Data>({ values, faults, passwordFaults: {} }, { status });
  };
  const { alias, country, birthDate } = values;
  const change = ProfileChange.safeParse({
    ...values,
    alias: alias || null,
    country: country || null,
    birthDate: birthDate || null,
  });
  if (!change.success) return failed(faultsOfSchema(change.error), 422);
  const { userId } = personIn(ctx.state);
  const refusal = await refusalOf(() => services.users.changeProfile(actor, userId, change.data));
  if (refusal) return failed(faultsOfRefusal(refusal), refusal.status);
  return seeOther(ctx, "/me/profile", { tone: "good", text: "Your profile is saved." });
}

async function setPassword(ctx: Context<State>) {
  const { form, services, actor } = ctx.state;
  const failed = async (passwordFaults: Faults, status: number) => {
    return page<Data>({ values: await storedValues(ctx), faults: {}, passwordFaults }, { status });
  };
  const change = PasswordChange.safeParse({
    currentPassword: secretOf(form, "currentPassword"),
    newPassword: secretOf(form, "newPassword"),
  });
  if (!change.success) return await failed(faultsOfSchema(change.error), 422);
  const refusal = await refusalOf(() => services.accounts.changePassword(actor, change.data));
  if (refusal?.code === "INVALID_CREDENTIALS") {
    return await failed({ currentPassword: "This is not your present password" }, 422);
  }
  if (refusal) return await failed(faultsOfRefusal(refusal), refusal.status);
  const text = "Your password is changed, and your other sessions have ended.";
  return seeOther(ctx, "/me/profile", { tone: "good", text });
}

export default define.page<typeof handler>(function ProfilePage({ data, state }) {
  return (
    <div class="narrow">
      <PageHead title="Profile" sub="How boards show you, and how times are written for you." />
      <div class="stack">
        <ProfileForm {...data} state={state} />
        <PasswordForm faults={data.passwordFaults} state={state} />
        <p class="muted small">
          Done here? <a href="/me/delete">Delete the account</a>
        </p>
      </div>
    </div>
  );
});

function ProfileForm({ values, faults, state }: Data & { state: State }) {
  return (
    <form class="form" method="post" action="/me/profile" noValidate>
      <FaultSummary faults={faults} />
      <CsrfField token={state.csrfToken} />
      <PersonFields values={values} faults={faults} />
      <TimeFields values={values} faults={faults} />
      <div class="actions">
        <button type="submit" class="button primary">Save profile</button>
      </div>
    </form>
  );
}

function PersonFields({ values, faults }: Pick<Data, "values" | "faults">) {
  return (
    <fieldset class="card group">
      <legend>You</legend>
      <div class="pair">
        <TextField
          name="name"
          label="Name"
          value={values.name}
          faults={faults}
          autocomplete="name"
          maxLength={80}
          required
        />
        <TextField
          name="alias"
          label="Alias on boards"
          value={values.alias}
          faults={faults}
          autocomplete="nickname"
          maxLength={80}
          hint="Empty: boards show your name."
        />
      </div>
      <TextArea
        name="bio"
        label="About you"
        rows={3}
        value={values.bio}
        faults={faults}
        maxLength={500}
      />
      <div class="pair">
        <TextField
          name="country"
          label="Country"
          value={values.country}
          faults={faults}
          autocomplete="country"
          maxLength={2}
          hint="Two letters, e.g. FI. May stay empty."
        />
        <TextField
          name="birthDate"
          label="Date of birth"
          type="date"
          value={values.birthDate}
          faults={faults}
          autocomplete="bday"
          hint="For competitions with ages. Nobody else sees it. May stay empty."
        />
      </div>
    </fieldset>
  );
}

function TimeFields({ values, faults }: Pick<Data, "values" | "faults">) {
  return (
    <fieldset class="card group">
      <legend>Times</legend>
      <TextField
        name="timeZone"
        label="Time zone"
        value={values.timeZone}
        faults={faults}
        list="zones"
        autocomplete="off"
        spellcheck={false}
        hint="Your days begin at midnight here. With UTC, pages follow your browser."
      />
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone} value={zone} />)}
      </datalist>
      <SelectField
        name="locale"
        label="Dates in"
        value={values.locale}
        faults={faults}
        options={LOCALES.some(({ value }) => value === values.locale)
          ? LOCALES
          : [...LOCALES, { value: values.locale, label: values.locale }]}
      />
    </fieldset>
  );
}

function PasswordForm({ faults, state }: { faults: Faults; state: State }) {
  return (
    <form class="form" method="post" action="/me/profile" noValidate>
      <CsrfField token={state.csrfToken} />
      <input type="hidden" name="action" value="password" />
      <fieldset class="card group">
        <legend>Password</legend>
        <FaultSummary faults={faults} />
        <div class="pair">
          <TextField
            name="currentPassword"
            label="Present password"
            type="password"
            autocomplete="current-password"
            faults={faults}
            required
          />
          <TextField
            name="newPassword"
            label="New password"
            type="password"
            autocomplete="new-password"
            faults={faults}
            hint={`At least ${PASSWORD_MIN} characters, and hard to guess.`}
            required
          />
        </div>
        <div class="actions">
          <button type="submit" class="button">Change password</button>
        </div>
      </fieldset>
    </form>
  );
}
