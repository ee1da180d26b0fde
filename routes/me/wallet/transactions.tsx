import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { Icon } from "@/components/Icon.tsx";
import { filterOptions, TRANSACTION_TEXT } from "@/components/money/ledger_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { StatementTable } from "@/components/money/StatementTable.tsx";
import { TransactionQuery } from "@/contracts/ledger.ts";
import { define } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";
import { personIn } from "../../page_answer.ts";

const PATH = "/me/wallet/transactions";

export const handler = define.handlers({
  async GET({ state, url }) {
    const { services, actor } = state;
    const { userId } = personIn(state);
    const query = queryOf(TransactionQuery, url.searchParams);
    const { items, meta } = await services.books.userTransactions(actor, userId, query);
    const names = await services.moneyNames.of(actor, items);
    return page({ query, items, total: meta.total, names, userId });
  },
});

export default define.page<typeof handler>(function Transactions({ data, state }) {
  const { query, items, total, names, userId } = data;
  return (
    <>
      <PageHead title="Transactions" crumbs={[{ href: "/me/wallet", label: "Wallet" }]}>
        <a
          class="button"
          href={`/api/v1/users/${userId}/transactions?format=csv`}
          download="transactions.csv"
        >
          <Icon name="file" /> As a file
        </a>
      </PageHead>
      <FilterForm path={PATH}>
        <SelectField
          name="kind"
          label="Kind"
          value={query.kind ?? ""}
          options={filterOptions("Any kind", TRANSACTION_TEXT)}
        />
      </FilterForm>
      <div class="card">
        {items.length === 0
          ? (
            <EmptyState
              title={query.kind ? "Nothing of this kind" : "Nothing has moved yet"}
              text="Whatever moves in your wallet is kept here for ever."
            >
              {query.kind ? <a class="button" href={PATH}>Show all</a> : null}
            </EmptyState>
          )
          : (
            <>
              <StatementTable
                lines={items}
                competitions={names.competitions}
                view={state.view}
                isMixed
              />
              <Pagination
                path={PATH}
                state={{ kind: query.kind }}
                page={query.page}
                pageSize={query.page_size}
                total={total}
                noun="transactions"
              />
            </>
          )}
      </div>
    </>
  );
});
