import { page } from "fresh";
import { CsrfField, type Faults, FaultSummary, TextArea } from "@/components/Field.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type ApiKey, ApiKeyRevocation, type IssuedApiKey } from "@/contracts/api_keys.ts";
import { SCOPES } from "@/domain/scope.ts";
import { IssuedKey } from "../../(_frames)/IssuedKey.tsx";
import { define, type State } from "../../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";
import { StatusBadge } from "./index.tsx";

interface Data {
  apiKey: ApiKey;
  faults: Faults;
  issued?: IssuedApiKey;
}

export const handler = define.handlers({
  async GET({ state: { services, actor }, params }) {
    return page<Data>({ apiKey: await services.apiKeys.get(actor, params.id!), faults: {} });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const apiKey = await services.apiKeys.get(actor, ctx.params.id!);
    const request = ApiKeyRevocation.safeParse({ reason: textOf(form, "reason") || undefined });
    if (!request.success) {
      const faults = faultsOfSchema(request.error);
      return page<Data>({ apiKey, faults }, { status: 422 });
    }
    const isRotation = textOf(form, "action") === "rotate";
    let issued: IssuedApiKey | undefined;
    const refusal = await refusalOf(async () => {
      if (isRotation) issued = await services.apiKeys.rotate(actor, apiKey.id);
      else await services.apiKeys.revoke(actor, apiKey.id, request.data);
    });
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>({ apiKey, faults }, { status: refusal.status });
    }
    if (issued) {
      return page<Data>({ apiKey, faults: {}, issued }, {
        headers: { "cache-control": "no-store" },
      });
    }
    const text = `${apiKey.name} is revoked. It stops working within five seconds.`;
    return seeOther(ctx, `/admin/api-keys/${apiKey.id}`, { tone: "good", text });
  },
});

export default define.page<typeof handler>(function ApiKeyPage({ data, state }) {
  const { apiKey, faults, issued } = data;
  const crumbs = [{ href: "/admin/api-keys", label: "API keys" }];
  if (issued) return <IssuedKey issued={issued} crumbs={crumbs} />;
  return (
    <div class="narrow">
      <PageHead
        title={apiKey.name}
        crumbs={crumbs}
        badge={<StatusBadge status={apiKey.status} />}
        sub={`${apiKey.prefix}…`}
      >
        <a class="button" href={`/admin/audit?actorId=${apiKey.id}`}>
          <Icon name="scroll" /> What it changed
        </a>
      </PageHead>
      <div class="stack">
        <FaultSummary faults={faults} />
        <KeyFacts apiKey={apiKey} state={state} />
        {apiKey.status === "revoked" ? null : (
          <>
            <Rotate csrfToken={state.csrfToken} />
            <Revoke csrfToken={state.csrfToken} faults={faults} />
          </>
        )}
      </div>
    </div>
  );
});

function KeyFacts({ apiKey, state }: { apiKey: ApiKey; state: State }) {
  const time = (at: string | null, absent: string) =>
    at === null ? absent : <TimeText at={at} view={state.view} />;
  return (
    <div class="card card-body">
      <Facts
        facts={[
          {
            term: "May",
            value: (
              <ul>
                {apiKey.scopes.map((scope) => (
                  <li key={scope}>
                    <code>{scope}</code>: {SCOPES[scope]}
                  </li>
                ))}
              </ul>
            ),
          },
          {
            term: "Owner",
            value: <a href={`/admin/users/${apiKey.owner.id}`}>{apiKey.owner.name}</a>,
          },
          { term: "Requests a minute", value: groupDigits(apiKey.quotaPerMinute) },
          { term: "Last used", value: time(apiKey.lastUsedAt, "Never") },
          { term: "Made", value: time(apiKey.createdAt, "") },
          { term: "Stops working", value: time(apiKey.expiresAt, "When it is revoked") },
          ...(apiKey.revokedAt === null
            ? []
            : [{ term: "Revoked", value: time(apiKey.revokedAt, "") }]),
          { term: "Id", value: <code>{apiKey.id}</code> },
        ]}
      />
    </div>
  );
}

function Rotate({ csrfToken }: { csrfToken: string }) {
  return (
    <section class="card" aria-labelledby="rotate-title">
      <div class="card-head">
        <h2 id="rotate-title">Replace the secret</h2>
      </div>
      <form method="post" class="card-body stack">
        <CsrfField token={csrfToken} />
        <p class="muted">
          The key gets a new secret, shown once, and the old one stops working within five seconds.
          To change keys without a gap, make a second one, move the app, and revoke this one.
        </p>
        <div class="actions">
          <button type="submit" class="button" name="action" value="rotate">
            Replace the secret
          </button>
        </div>
      </form>
    </section>
  );
}

const CONSEQUENCES = [
  "Apps with this key are refused within five seconds, on every server.",
  "What they wrote stays, with the key's name in the audit log.",
  "It cannot be taken back; a new key has to be made.",
];

function Revoke({ csrfToken, faults }: { csrfToken: string; faults: Faults }) {
  return (
    <section class="card danger-card" aria-labelledby="revoke-title">
      <div class="card-head">
        <h2 id="revoke-title">Revoke the key</h2>
      </div>
      <form method="post" class="card-body stack">
        <CsrfField token={csrfToken} />
        <ul class="consequences">
          {CONSEQUENCES.map((text) => (
            <li key={text}>
              <Icon name="right" />
              {text}
            </li>
          ))}
        </ul>
        <TextArea
          name="reason"
          label="Reason"
          rows={2}
          faults={faults}
          maxLength={500}
          hint="Kept in the audit log."
        />
        <div class="actions">
          <button type="submit" class="button danger" name="action" value="revoke">
            Revoke this key
          </button>
        </div>
      </form>
    </section>
  );
}
