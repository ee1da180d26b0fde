import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import type { IssuedApiKey } from "@/contracts/api_keys.ts";

/** A key with its secret, on the one page that ever shows it. */
export function IssuedKey(
  { issued, crumbs }: { issued: IssuedApiKey; crumbs: { href: string; label: string }[] },
) {
  return (
    <div class="narrow">
      <PageHead title={issued.name} crumbs={crumbs} sub={issued.scopes.join(", ")} />
      <section class="card" aria-labelledby="key-title">
        <div class="card-head">
          <h2 id="key-title">Copy the key now</h2>
        </div>
        <div class="card-body stack">
          <p class="notice" data-tone="warn" role="status">
            <Icon name="alert" />
            <span>It is shown this once. Only a hash of it is kept; a lost key is replaced.</span>
          </p>
          <div class="field">
            <label for="issued-key">API key</label>
            <input
              class="input"
              id="issued-key"
              value={issued.key}
              readOnly
              spellcheck={false}
              autocomplete="off"
            />
            <p class="hint">
              Send it as <code>Authorization: Bearer</code> or in <code>X-API-Key</code>.{" "}
              <a href="/docs/api-keys">How to use it</a>
            </p>
          </div>
          <div class="actions">
            <a class="button primary" href={`/admin/api-keys/${issued.id}`}>I have copied it</a>
          </div>
        </div>
      </section>
    </div>
  );
}
