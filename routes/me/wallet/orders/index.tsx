import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { OrderTable } from "@/components/money/OrderTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { OrderQuery } from "@/contracts/orders.ts";
import { OrderFilters } from "../../../(_frames)/OrderFilters.tsx";
import { define } from "../../../define.ts";
import { queryOf } from "../../../forms/query.ts";
import { personIn } from "../../../page_answer.ts";

const PATH = "/me/wallet/orders";

export const handler = define.handlers({
  async GET({ state, url }) {
    const { services, actor } = state;
    const { userId } = personIn(state);
    const query = { ...queryOf(OrderQuery, url.searchParams), user: userId };
    const list = await services.orders.list(actor, query);
    return page({ query, list, names: await services.moneyNames.of(actor, list.items) });
  },
});

export default define.page<typeof handler>(function MyOrders({ data, state }) {
  const { query, list, names } = data;
  const filter = { kind: query.kind, status: query.status };
  const isFiltered = query.kind !== undefined || query.status !== undefined;
  return (
    <>
      <PageHead title="Orders" crumbs={[{ href: "/me/wallet", label: "Wallet" }]} />
      <OrderFilters path={PATH} query={query} />
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isFiltered ? "No order fits these filters" : "No orders"}
              text="Top-ups, withdrawals and entries with a fee are kept here."
            >
              {isFiltered ? <a class="button" href={PATH}>Show all</a> : null}
            </EmptyState>
          )
          : (
            <>
              <OrderTable
                orders={list.items}
                path={PATH}
                competitions={names.competitions}
                view={state.view}
              />
              <Pagination path={PATH} state={filter} {...list} noun="orders" />
            </>
          )}
      </div>
    </>
  );
});
