import { HttpError, page } from "fresh";
import { FilterForm } from "@/components/FilterForm.tsx";
import { ownerText } from "@/components/money/AccountName.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { SelectField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { ACCOUNT_TEXT, filterOptions, TRANSACTION_TEXT } from "@/components/money/ledger_text.ts";
import { listHref } from "@/components/list_url.ts";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { StatementTable } from "@/components/money/StatementTable.tsx";
import { StatementQuery } from "@/contracts/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import { define } from "../../../define.ts";
import { financeOnly } from "../../../finance_only.ts";
import { queryOf } from "../../../forms/query.ts";

export const handler = define.handlers({
  async GET({ state, url, params }) {
    financeOnly(state);
    const { services, actor } = state;
    const id = Number(params.id);
    if (!Number.isSafeInteger(id) || id < 1) {
      throw new HttpError(404, "Cannot find this account: there is none");
    }
    const query = queryOf(StatementQuery, url.searchParams);
    const statement = await services.books.statement(actor, id, query);
    const names = await services.moneyNames.of(actor, [statement.account, ...statement.lines]);
    return page({ query, statement, names });
  },
});

export default define.page<typeof handler>(function StatementPage({ data, state }) {
  const { query, statement: { account, lines, nextCursor }, names } = data;
  const { currency, reservedMinor } = account;
  const owner = ownerText(account, names);
  const path = `/admin/ledger/accounts/${account.id}`;
  const reserved = decimalOf({ currency, amountMinor: BigInt(reservedMinor) });
  return (
    <>
      <PageHead
        title={`${ACCOUNT_TEXT[account.kind]}${owner ? `: ${owner}` : ""}`}
        crumbs={[{ href: "/admin/ledger", label: "Ledger" }]}
      />
      <div class="stack">
        <div class="card card-body">
          <Facts
            facts={[
              { term: "Balance", value: moneyText(account.balance, currency) },
              { term: "Set aside", value: moneyText(reserved, currency) },
              { term: "Lines", value: groupDigits(account.postingCount) },
            ]}
          />
        </div>
        <FilterForm path={path}>
          <SelectField
            name="kind"
            label="Kind"
            value={query.kind ?? ""}
            options={filterOptions("Any kind", TRANSACTION_TEXT)}
          />
        </FilterForm>
        <div class="card">
          {lines.length === 0
            ? (
              <EmptyState title="No lines" text="Nothing has moved here that fits.">
                <a class="button" href={path}>Show the newest</a>
              </EmptyState>
            )
            : (
              <>
                <StatementTable
                  lines={lines}
                  competitions={names.competitions}
                  view={state.view}
                  hrefOf={({ transactionId }) => `/admin/ledger/transactions/${transactionId}`}
                />
                <Pages path={path} query={query} nextCursor={nextCursor} />
              </>
            )}
        </div>
      </div>
    </>
  );
});

/** A statement is paged by cursor: a page costs the same wherever it is. */
function Pages(
  { path, query: { kind, cursor }, nextCursor }: {
    path: string;
    query: StatementQuery;
    nextCursor: number | null;
  },
) {
  if (cursor === undefined && nextCursor === null) return null;
  return (
    <nav class="pages" aria-label="Pages of the statement">
      <span>Newest first</span>
      <span class="row">
        {cursor === undefined
          ? null
          : <a class="button" href={listHref(path, { kind }, {})}>Newest</a>}
        {nextCursor === null
          ? null
          : (
            <a class="button" rel="next" href={listHref(path, { kind }, { cursor: nextCursor })}>
              Older <Icon name="right" />
            </a>
          )}
      </span>
    </nav>
  );
}
