import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type ApiKey, ApiKeyQuery, ApiKeyStatus } from "@/contracts/api_keys.ts";
import { define, type State } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

const PATH = "/admin/api-keys";

export const handler = define.handlers({
  async GET(ctx) {
    const query = queryOf(ApiKeyQuery, ctx.url.searchParams);
    return page({ query, list: await ctx.state.services.apiKeys.list(ctx.state.actor, query) });
  },
});

export default define.page<typeof handler>(function ApiKeys({ data, state }) {
  const { query, list } = data;
  return (
    <>
      <PageHead title="API keys" sub="Apps that may use the API, and what each may do.">
        <a class="button primary" href={`${PATH}/new`}>
          <Icon name="plus" /> New key
        </a>
      </PageHead>
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0 ? <Nothing isFiltered={query.status !== undefined} /> : (
          <>
            <table class="table blocks">
              <thead>
                <tr>
                  <th scope="col">Key</th>
                  <th scope="col">May</th>
                  <th scope="col">Status</th>
                  <th scope="col">Last used</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((key) => <Row key={key.id} apiKey={key} state={state} />)}
              </tbody>
            </table>
            <Pagination path={PATH} state={{ status: query.status }} {...list} noun="keys" />
          </>
        )}
      </div>
    </>
  );
});

/** How a status is marked. */
export function StatusBadge({ status }: { status: ApiKeyStatus }) {
  return <Badge tone={status === "active" ? "good" : "bad"}>{sentence(status)}</Badge>;
}

function Row({ apiKey, state }: { apiKey: ApiKey; state: State }) {
  return (
    <tr>
      <td>
        <a class="lead-link" href={`${PATH}/${apiKey.id}`}>{apiKey.name}</a>
        <span class="under">
          <code>{apiKey.prefix}…</code> · {apiKey.owner.name}
        </span>
      </td>
      <td data-label="May">{apiKey.scopes.join(", ")}</td>
      <td>
        <StatusBadge status={apiKey.status} />
      </td>
      <td data-label="Last used">
        {apiKey.lastUsedAt === null
          ? "Never"
          : <TimeText at={apiKey.lastUsedAt} view={state.view} />}
      </td>
    </tr>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered
    ? (
      <EmptyState title="No such key" text="No key has this status.">
        <a class="button" href={PATH}>Show all</a>
      </EmptyState>
    )
    : (
      <EmptyState
        title="No keys yet"
        text="An app needs a key to send scores or to read what is not public."
      >
        <a class="button primary" href={`${PATH}/new`}>Make the first key</a>
      </EmptyState>
    );
}

function Filters({ query }: { query: ApiKeyQuery }) {
  return (
    <FilterForm path={PATH}>
      <SelectField
        name="status"
        label="Status"
        value={query.status ?? ""}
        options={[
          { value: "", label: "Any status" },
          ...ApiKeyStatus.options.map((value) => ({ value, label: sentence(value) })),
        ]}
      />
    </FilterForm>
  );
}
