import { PageHead } from "@/components/PageHead.tsx";
import { PlainText } from "@/components/PlainText.tsx";
import { SCOPE_NAMES, SCOPES } from "@/domain/scope.ts";
import { KEY_SCOPES } from "../api/key_scopes.ts";
import { define } from "../define.ts";

const RULES = [
  "Send it as `Authorization: Bearer pb_…` or as `X-API-Key: pb_…`. Keys belong on servers: whoever reads an app's page or binary has the key in it.",
  "A key may what its scopes name and nothing else. It is not its owner; but what it creates belongs to the owner, and it stops when the owner is suspended.",
  "Public competitions and boards are open to every key.",
  "Every key has a quota of its own, told by `RateLimit-Policy` as `api-key`; it counts for everything the key asks, score updates too.",
  "A key that was revoked, replaced or has expired is refused within five seconds: INVALID_TOKEN or TOKEN_EXPIRED. Without the scope the answer is FORBIDDEN, and names the scope.",
  "To change keys without a gap, make a second one, move the app, then revoke the first.",
];

export default define.page(function ApiKeysPage() {
  return (
    <div class="docs-page">
      <PageHead
        title="API keys"
        sub="How an app uses the API. Admins make keys in the panel, under API keys; a key is shown once."
      />
      <div class="stack">
        <section class="card" aria-labelledby="rules">
          <div class="card-head">
            <h2 id="rules">Rules</h2>
          </div>
          <ul class="card-body">
            {RULES.map((rule) => (
              <li key={rule}>
                <PlainText text={rule} />
              </li>
            ))}
          </ul>
        </section>
        <Scopes />
      </div>
    </div>
  );
});

function Scopes() {
  return (
    <section class="card" aria-labelledby="scopes">
      <div class="card-head">
        <h2 id="scopes">Scopes</h2>
      </div>
      <dl class="code-list">
        {SCOPE_NAMES.map((scope) => (
          <div key={scope} id={`scope-${scope}`}>
            <dt>
              <code>{scope}</code>
            </dt>
            <dd>
              {SCOPES[scope]}. <span class="muted">{operationsOf(scope).join(", ")}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function operationsOf(scope: string): string[] {
  return Object.entries(KEY_SCOPES)
    .filter(([, scopes]) => scopes.some((name) => name === scope))
    .map(([operation]) => operation);
}
