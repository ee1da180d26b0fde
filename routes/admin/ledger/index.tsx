import { page } from "fresh";
import { FilterForm } from "@/components/FilterForm.tsx";
import { AccountName } from "@/components/money/AccountName.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { ACCOUNT_TEXT, filterOptions } from "@/components/money/ledger_text.ts";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { AccountQuery, type LedgerAccount } from "@/contracts/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { LedgerTabs } from "../../(_frames)/LedgerTabs.tsx";
import { define } from "../../define.ts";
import { financeOnly } from "../../finance_only.ts";
import { queryOf } from "../../forms/query.ts";

const PATH = "/admin/ledger";

export const handler = define.handlers({
  async GET({ state, url }) {
    financeOnly(state);
    const { services, actor } = state;
    const query = queryOf(AccountQuery, url.searchParams);
    const list = await services.books.accounts(actor, query);
    return page({ query, list, names: await services.moneyNames.of(actor, list.items) });
  },
});

export default define.page<typeof handler>(function Ledger({ data }) {
  const { query, list, names } = data;
  const { kind, currency, user, competition } = query;
  const filter = { kind, currency, user, competition };
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <>
      <PageHead
        title="Ledger"
        sub="Every cent stands in an account; what leaves one arrives in another."
      />
      <LedgerTabs tab="" />
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isFiltered ? "No account fits these filters" : "No accounts yet"}
              text="An account is opened by the first money that moves through it."
            >
              {isFiltered ? <a class="button" href={PATH}>Show all</a> : null}
            </EmptyState>
          )
          : (
            <>
              <Accounts accounts={list.items} names={names} />
              <Pagination path={PATH} state={filter} {...list} noun="accounts" />
            </>
          )}
      </div>
    </>
  );
});

function Filters({ query }: { query: AccountQuery }) {
  const { kind, currency, user, competition } = query;
  return (
    <FilterForm path={PATH}>
      <SelectField
        name="kind"
        label="Kind"
        value={kind ?? ""}
        options={filterOptions("Any kind", ACCOUNT_TEXT)}
      />
      <TextField
        name="currency"
        label="Currency"
        value={currency ?? ""}
        maxLength={3}
        placeholder="EUR"
      />
      {user ? <input type="hidden" name="user" value={user} /> : null}
      {competition ? <input type="hidden" name="competition" value={competition} /> : null}
    </FilterForm>
  );
}

function Accounts({ accounts, names }: { accounts: LedgerAccount[]; names: MoneyNames }) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col" class="num">Lines</th>
          <th scope="col" class="num">Set aside</th>
          <th scope="col" class="num">Balance</th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => {
          const { id, currency, balance, reservedMinor, postingCount } = account;
          const reserved = decimalOf({ currency, amountMinor: BigInt(reservedMinor) });
          return (
            <tr key={id}>
              <td>
                <AccountName account={account} names={names} />
              </td>
              <td class="num" data-label="Lines">{groupDigits(postingCount)}</td>
              <td class="num" data-label="Set aside">
                {reservedMinor === "0" ? "–" : moneyText(reserved, currency)}
              </td>
              <td class="num" data-label="Balance">{moneyText(balance, currency)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
