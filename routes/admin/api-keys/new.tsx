import { type Context, HttpError, page } from "fresh";
import {
  Choice,
  CsrfField,
  Fault,
  type Faults,
  FaultSummary,
  TextField,
} from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import {
  ApiKeyInput,
  type IssuedApiKey,
  KEY_QUOTA_DEFAULT,
  KEY_QUOTA_MAX,
} from "@/contracts/api_keys.ts";
import { SCOPE_NAMES, SCOPES } from "@/domain/scope.ts";
import { IssuedKey } from "../../(_frames)/IssuedKey.tsx";
import { define, type State } from "../../define.ts";
import { chosenOf, faultsOfRefusal, faultsOfSchema, textOf } from "../../forms/fields.ts";
import { instantOf } from "../../forms/local_time.ts";
import { refusalOf } from "../../page_answer.ts";

interface Values {
  name: string;
  scopes: string[];
  quotaPerMinute: string;
  expiresAt: string;
}

interface Data {
  values: Values;
  faults: Faults;
  issued?: IssuedApiKey;
}

const EMPTY: Values = {
  name: "",
  scopes: [],
  quotaPerMinute: String(KEY_QUOTA_DEFAULT),
  expiresAt: "",
};

function checkAdmin({ state }: Context<State>): void {
  if (state.account?.role === "admin") return;
  throw new HttpError(403, "Cannot make API keys: it needs the role admin");
}

export const handler = define.handlers({
  GET(ctx) {
    checkAdmin(ctx);
    return page<Data>({ values: EMPTY, faults: {} });
  },
  async POST(ctx) {
    const { services, actor, form, view } = ctx.state;
    const values = valuesOf(form);
    const input = inputOf(values, view.timeZone);
    if (!input.success) {
      const faults = faultsOfSchema(input.error);
      return page<Data>({ values, faults }, { status: 422 });
    }
    let issued: IssuedApiKey | undefined;
    const refusal = await refusalOf(async () => {
      issued = await services.apiKeys.create(actor, input.data);
    });
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>({ values, faults }, { status: refusal.status });
    }
    // Shown here and not after a redirect: the key must stand in no cookie, address or cache.
    const headers = { "cache-control": "no-store" };
    return page<Data>({ values, faults: {}, issued: issued! }, { status: 201, headers });
  },
});

function valuesOf(form: FormData): Values {
  return {
    name: textOf(form, "name"),
    scopes: chosenOf(form, "scopes"),
    quotaPerMinute: textOf(form, "quotaPerMinute"),
    expiresAt: textOf(form, "expiresAt"),
  };
}

function inputOf({ expiresAt, quotaPerMinute, ...rest }: Values, timeZone: string) {
  return ApiKeyInput.safeParse({
    ...rest,
    quotaPerMinute: quotaPerMinute === "" ? undefined : Number(quotaPerMinute),
    ...(expiresAt === "" ? {} : { expiresAt: instantOf(expiresAt, timeZone) ?? expiresAt }),
  });
}

export default define.page<typeof handler>(function NewApiKey({ data, state }) {
  const crumbs = [{ href: "/admin/api-keys", label: "API keys" }];
  if (data.issued) return <IssuedKey issued={data.issued} crumbs={crumbs} />;
  return (
    <div class="narrow">
      <PageHead title="New API key" crumbs={crumbs} sub="For an app, not for a person." />
      <KeyForm {...data} state={state} />
    </div>
  );
});

function KeyForm({ values, faults, state }: Data & { state: State }) {
  return (
    <form class="form" method="post" action="/admin/api-keys/new" noValidate>
      <FaultSummary faults={faults} />
      <CsrfField token={state.csrfToken} />
      <fieldset class="card group">
        <legend>The app</legend>
        <TextField
          name="name"
          label="Name"
          value={values.name}
          faults={faults}
          maxLength={80}
          required
          hint="What the key is for, e.g. “Gym app, production”."
        />
        <div class="pair">
          <TextField
            name="quotaPerMinute"
            label="Requests a minute"
            value={values.quotaPerMinute}
            faults={faults}
            inputMode="numeric"
            hint={`At most ${groupDigits(KEY_QUOTA_MAX)}.`}
          />
          <TextField
            name="expiresAt"
            label="Stops working at"
            type="datetime-local"
            value={values.expiresAt}
            faults={faults}
            hint={`In your zone, ${state.view.timeZone}. Empty: it works until it is revoked.`}
          />
        </div>
      </fieldset>
      <fieldset class="card group">
        <legend>What it may do</legend>
        <p class="about">Choose as few as the app needs. Public boards need none.</p>
        <div class="stack">
          {SCOPE_NAMES.map((scope) => (
            <Choice
              key={scope}
              type="checkbox"
              name="scopes"
              value={scope}
              label={scope}
              about={SCOPES[scope]}
              checked={values.scopes.includes(scope)}
            />
          ))}
        </div>
        <Fault name="scopes" faults={faults} />
      </fieldset>
      <div class="actions">
        <button type="submit" class="button primary">Make the key</button>
        <a class="button" href="/admin/api-keys">Cancel</a>
      </div>
    </form>
  );
}
