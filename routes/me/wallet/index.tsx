import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Icon } from "@/components/Icon.tsx";
import { OrderTable } from "@/components/money/OrderTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { StatementTable } from "@/components/money/StatementTable.tsx";
import type { Viewer } from "@/components/TimeText.tsx";
import { WalletFigures } from "@/components/money/WalletFigures.tsx";
import type { Page } from "@/contracts/envelope.ts";
import {
  type LedgerAccount,
  type StatementLine,
  TransactionQuery,
  type TransactionsMeta,
} from "@/contracts/ledger.ts";
import { type Order, OrderQuery } from "@/contracts/orders.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { define } from "../../define.ts";
import { personIn } from "../../page_answer.ts";

/** Entries of each list here; the whole lists have pages of their own. */
const LATEST = 5;

interface Data {
  accounts: LedgerAccount[];
  moves: { items: StatementLine[]; meta: TransactionsMeta };
  orders: Page<Order>;
  names: MoneyNames;
}

export const handler = define.handlers({
  async GET({ state }) {
    const { services, actor } = state;
    const { userId } = personIn(state);
    const [accounts, moves, orders] = await Promise.all([
      services.books.userAccounts(actor, userId),
      services.books.userTransactions(
        actor,
        userId,
        TransactionQuery.parse({ page_size: LATEST }),
      ),
      services.orders.list(actor, OrderQuery.parse({ user: userId, page_size: LATEST })),
    ]);
    const names = await services.moneyNames.of(actor, [...moves.items, ...orders.items]);
    return page<Data>({ accounts, moves, orders, names });
  },
});

export default define.page<typeof handler>(function Wallet({ data, state }) {
  const { accounts } = data;
  const { gateway } = state.services.orders;
  const hasMoney = accounts.some(({ kind, balanceMinor }) =>
    kind === "wallet" && balanceMinor !== "0"
  );
  return (
    <>
      <PageHead
        title="Wallet"
        sub="Entry fees are paid from it, and prizes go into it."
        badge={gateway?.isTestMoney ? <Badge tone="warn">Test money</Badge> : null}
      >
        {gateway ? <a class="button" href="/me/wallet/payouts">Payouts</a> : null}
        {gateway && hasMoney ? <a class="button" href="/me/wallet/withdraw">Withdraw</a> : null}
        {gateway
          ? (
            <a class="button primary" href="/me/wallet/top-up">
              <Icon name="plus" /> Top up
            </a>
          )
          : null}
      </PageHead>
      <div class="stack">
        {gateway ? null : (
          <p class="notice">
            <span>Money cannot be moved in or out here: no payment gateway is set up.</span>
          </p>
        )}
        {accounts.length > 0 ? <WalletFigures accounts={accounts} /> : null}
        <LatestMoves {...data} view={state.view} />
        <LatestOrders {...data} view={state.view} />
      </div>
    </>
  );
});

function LatestMoves({ moves, names, view }: Pick<Data, "moves" | "names"> & { view: Viewer }) {
  return (
    <section class="card" aria-labelledby="moves">
      <div class="card-head">
        <h2 id="moves">Latest transactions</h2>
        {moves.meta.total > LATEST
          ? <a href="/me/wallet/transactions">All {moves.meta.total}</a>
          : null}
      </div>
      {moves.items.length === 0
        ? (
          <EmptyState
            title="Nothing has moved yet"
            text="Fill the wallet to pay entry fees; prizes that you win arrive here."
          />
        )
        : (
          <StatementTable
            lines={moves.items}
            competitions={names.competitions}
            view={view}
            isMixed
          />
        )}
    </section>
  );
}

function LatestOrders({ orders, names, view }: Pick<Data, "orders" | "names"> & { view: Viewer }) {
  return (
    <section class="card" aria-labelledby="orders">
      <div class="card-head">
        <h2 id="orders">Latest orders</h2>
        {orders.total > LATEST ? <a href="/me/wallet/orders">All {orders.total}</a> : null}
      </div>
      {orders.items.length === 0
        ? (
          <EmptyState
            title="No orders"
            text="Top-ups, withdrawals and entries with a fee are kept here."
          />
        )
        : (
          <OrderTable
            orders={orders.items}
            path="/me/wallet/orders"
            competitions={names.competitions}
            view={view}
          />
        )}
    </section>
  );
}
