import { page } from "fresh";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { ACCOUNT_TEXT } from "@/components/money/ledger_text.ts";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { Reconciliation } from "@/contracts/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import { BY_HAND } from "@/services/money/order_view.ts";
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
  const { at, books, gateways } = data;
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
        <Verdict data={data} />
        <Checks data={data} />
        {gateways.length > 0
          ? <Gateways gateways={gateways} current={state.services.orders.gateway?.name} />
          : null}
        {books.map((book) => <Book key={book.currency} book={book} />)}
      </div>
    </>
  );
});

function Verdict({ data }: { data: Reconciliation }) {
  const { tone, text } = verdictOf(data);
  return (
    <p class="notice" data-tone={tone} role={tone === "good" ? undefined : "alert"}>
      <Icon name={tone === "good" ? "check" : "alert"} />
      <span>{text}</span>
    </p>
  );
}

function verdictOf(data: Reconciliation): { tone: "good" | "warn" | "bad"; text: string } {
  const { balanced, books, gateways, unbalancedCount, driftedCount, overdrawnCount } = data;
  if (balanced) {
    const isCompared = gateways.some(({ agrees }) => agrees);
    const text = isCompared
      ? "The books balance: all of them sum to zero, and the gateway's record agrees."
      : "The books balance: all of them sum to zero. No gateway's record is beside them.";
    return { tone: "good", text };
  }
  const isOurs = unbalancedCount + driftedCount + overdrawnCount > 0 ||
    books.some(({ sumMinor }) => sumMinor !== "0");
  if (isOurs) {
    return { tone: "bad", text: "The books are not true. Stop moving money, and find out why." };
  }
  const text = "Our books are true, and the gateway's record differs. What is under way there is " +
    "reported within some minutes; what differs for longer, find out why.";
  return { tone: "warn", text };
}

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

type GatewayBooks = Reconciliation["gateways"][number];

/** What a person sends, and what went by a gateway that was replaced, nobody reports. */
function agreementOf(
  { gateway, agrees }: GatewayBooks,
  current: string | undefined,
): { tone: Tone; name: string } {
  if (agrees !== null) return agrees ? { tone: "good", name: "Yes" } : { tone: "bad", name: "No" };
  if (gateway === BY_HAND) return { tone: "plain", name: "By hand" };
  return gateway === current
    ? { tone: "warn", name: "No answer" }
    : { tone: "plain", name: "Not set up" };
}

function Gateways(
  { gateways, current }: { gateways: readonly GatewayBooks[]; current: string | undefined },
) {
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
          {gateways.map((books) => (
            <GatewayRow
              key={`${books.gateway} ${books.currency}`}
              books={books}
              agreement={agreementOf(books, current)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function GatewayRow(
  { books, agreement }: { books: GatewayBooks; agreement: { tone: Tone; name: string } },
) {
  const { gateway, currency, ledgerMinor, gatewayMinor } = books;
  return (
    <tr>
      <td>
        <b>{gateway}</b>
      </td>
      <td class="num" data-label="Our books">{minorText(ledgerMinor, currency)}</td>
      <td class="num" data-label="Its record">
        {gatewayMinor === null ? "–" : minorText(gatewayMinor, currency)}
      </td>
      <td>
        <Badge tone={agreement.tone}>{agreement.name}</Badge>
      </td>
    </tr>
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
