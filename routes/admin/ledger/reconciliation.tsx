import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { ACCOUNT_TEXT } from "@/components/money/ledger_text.ts";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { Reconciliation } from "@/contracts/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import { LedgerTabs } from "../../(_frames)/LedgerTabs.tsx";
import { define } from "../../define.ts";
import { financeOnly } from "../../finance_only.ts";

export const handler = define.handlers({
  async GET({ state }) {
    financeOnly(state);
    return page(await state.services.books.reconciliation(state.actor));
  },
});

export default define.page<typeof handler>(function ReconciliationPage({ data, state }) {
  const { at, balanced, books, gateways } = data;
  return (
    <>
      <PageHead
        title="Ledger"
        sub={
          <>
            Looked at{" "}
            <TimeText at={at} view={state.view} style="second" />; every night it is looked at by
            itself.
          </>
        }
      />
      <LedgerTabs tab="/reconciliation" />
      <div class="stack">
        <p
          class="notice"
          data-tone={balanced ? "good" : "bad"}
          role={balanced ? undefined : "alert"}
        >
          <Icon name={balanced ? "check" : "alert"} />
          <span>
            {balanced
              ? "The books balance: all of them sum to zero, and the gateway's record agrees."
              : "The books are not true. Stop moving money, and find out why."}
          </span>
        </p>
        <Checks data={data} />
        {gateways.length > 0 ? <Gateways gateways={gateways} /> : null}
        {books.map((book) => <Book key={book.currency} book={book} />)}
      </div>
    </>
  );
});

function Checks({ data }: { data: Reconciliation }) {
  const { transactionCount, unbalancedCount, driftedCount, overdrawnCount } = data;
  const fault = (count: number) =>
    count === 0 ? "None" : <Badge tone="bad">{groupDigits(count)}</Badge>;
  return (
    <div class="card card-body">
      <Facts
        facts={[
          { term: "Transactions", value: groupDigits(transactionCount) },
          { term: "That do not sum to zero", value: fault(unbalancedCount) },
          { term: "Balances that are not the sum of their lines", value: fault(driftedCount) },
          { term: "Accounts below their floor", value: fault(overdrawnCount) },
        ]}
      />
    </div>
  );
}

function Gateways({ gateways }: { gateways: Reconciliation["gateways"] }) {
  return (
    <section class="card" aria-labelledby="gateways-title">
      <div class="card-head">
        <h2 id="gateways-title">Beside the gateway's record</h2>
      </div>
      <table class="table blocks">
        <thead>
          <tr>
            <th scope="col">Gateway</th>
            <th scope="col" class="num">Our books</th>
            <th scope="col" class="num">Its record</th>
            <th scope="col">Agrees</th>
          </tr>
        </thead>
        <tbody>
          {gateways.map(({ gateway, currency, ledgerMinor, gatewayMinor, agrees }) => (
            <tr key={`${gateway} ${currency}`}>
              <td>
                <b>{gateway}</b>
              </td>
              <td class="num" data-label="Our books">{minorText(ledgerMinor, currency)}</td>
              <td class="num" data-label="Its record">
                {gatewayMinor === null ? "–" : minorText(gatewayMinor, currency)}
              </td>
              <td>
                <Badge tone={agrees === null ? "warn" : agrees ? "good" : "bad"}>
                  {agrees === null ? "No answer" : agrees ? "Yes" : "No"}
                </Badge>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Book({ book }: { book: Reconciliation["books"][number] }) {
  const { currency, sumMinor, accounts } = book;
  return (
    <section class="card" aria-labelledby={`book-${currency}`}>
      <div class="card-head">
        <h2 id={`book-${currency}`}>{currency}</h2>
        <Badge tone={sumMinor === "0" ? "good" : "bad"}>
          Sum {minorText(sumMinor, currency)}
        </Badge>
      </div>
      <table class="table blocks">
        <thead>
          <tr>
            <th scope="col">Accounts</th>
            <th scope="col" class="num">How many</th>
            <th scope="col" class="num">Balance</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map(({ kind, count, balance }) => (
            <tr key={kind}>
              <td>
                <a href={`/admin/ledger?kind=${kind}&currency=${currency}`}>{ACCOUNT_TEXT[kind]}</a>
              </td>
              <td class="num" data-label="How many">{groupDigits(count)}</td>
              <td class="num" data-label="Balance">{moneyText(balance, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function minorText(minor: string, currency: string): string {
  return moneyText(decimalOf({ currency, amountMinor: BigInt(minor) }), currency);
}
