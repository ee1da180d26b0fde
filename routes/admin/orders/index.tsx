import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { TextField } from "@/components/Field.tsx";
import { OrderTable } from "@/components/money/OrderTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { Id } from "@/contracts/envelope.ts";
import { OrderQuery } from "@/contracts/orders.ts";
import { OrderFilters } from "../../(_frames)/OrderFilters.tsx";
import { define, type State } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";
import { financeOnly } from "../../finance_only.ts";

const PATH = "/admin/orders";
const QUEUE = `${PATH}?kind=withdrawal&status=pending`;

/** The user whom a filter names by id or e-mail; null where there is none. */
async function userIn({ services, actor }: State, text: string): Promise<string | null> {
  const id = Id.safeParse(text);
  return id.success ? id.data : await services.moneyNames.findUser(actor, text) ?? null;
}

export const handler = define.handlers({
  async GET({ state, url }) {
    financeOnly(state);
    const { services, actor } = state;
    const asked = url.searchParams.get("user")?.trim() ?? "";
    const user = asked === "" ? undefined : await userIn(state, asked);
    const rest = new URLSearchParams(url.searchParams);
    rest.delete("user");
    const query = { ...queryOf(OrderQuery, rest), user: user ?? undefined };
    const [list, waiting] = await Promise.all([
      user === null ? nobody(query) : services.orders.list(actor, query),
      services.orders.list(
        actor,
        OrderQuery.parse({ kind: "withdrawal", status: "pending", page_size: 1 }),
      ),
    ]);
    const names = await services.moneyNames.of(actor, [...list.items, { userId: user ?? null }]);
    return page({ query, asked, list, names, waiting: waiting.total });
  },
});

function nobody({ page, page_size: pageSize }: OrderQuery) {
  return { items: [], page, pageSize, total: 0 };
}

export default define.page<typeof handler>(function Orders({ data, state }) {
  const { query, asked, list, names, waiting } = data;
  const { kind, status, competition } = query;
  const filter = { kind, status, competition, user: asked };
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <>
      <PageHead title="Orders" sub="What is paid into, from and out of wallets.">
        <a class={waiting > 0 ? "button primary" : "button"} href={QUEUE}>
          Withdrawals to decide: {waiting}
        </a>
      </PageHead>
      <OrderFilters path={PATH} query={query}>
        <TextField
          name="user"
          label="Whose"
          type="search"
          class="search"
          value={asked}
          placeholder="E-mail or id"
        />
        {competition ? <input type="hidden" name="competition" value={competition} /> : null}
      </OrderFilters>
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isFiltered ? "No order fits these filters" : "No orders yet"}
              text="Entries with a fee, top-ups and withdrawals show up here."
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
                users={names.users}
                view={state.view}
              />
              <Pagination path={PATH} state={filter} {...list} noun="orders" />
            </>
          )}
      </div>
    </>
  );
});
