import { type Context, page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import {
  ORDER_KIND_TEXT,
  ORDER_STATUS_TEXT,
  orderStateText,
} from "@/components/money/order_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import type { Order } from "@/contracts/orders.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { OrderFacts } from "../../../(_frames)/OrderFacts.tsx";
import { define, type State } from "../../../define.ts";
import { idOf } from "../../../forms/attempt.ts";
import { refusalOf, seeOther } from "../../../page_answer.ts";

interface Data {
  order: Order;
  /** Where it is paid; null where the gateway does not say. */
  payUrl: string | null;
  mayPay: boolean;
  names: MoneyNames;
  isOwn: boolean;
}

async function orderOf({ state: { services, actor }, params }: Context<State>) {
  return await services.orders.get(actor, idOf(params.id));
}

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor, account } = ctx.state;
    const order = await orderOf(ctx);
    const isOwn = order.userId === account?.id;
    const mayPay = isOwn && order.status === "pending" && order.method === "gateway" &&
      order.kind !== "withdrawal";
    const names = await services.moneyNames.of(actor, [order]);
    let payUrl: string | null = null;
    // What the gateway refuses for good leaves the page as it is; the order can be cancelled.
    if (mayPay) {
      await refusalOf(async () => {
        payUrl = (await services.orders.resume(actor, order.id)).payment?.payUrl ?? null;
      });
    }
    return page<Data>({ order, payUrl, mayPay, names, isOwn });
  },
  async POST(ctx) {
    const { services, actor } = ctx.state;
    const order = await orderOf(ctx);
    const path = `/me/wallet/orders/${order.id}`;
    const refusal = await refusalOf(() => services.orders.cancel(actor, order.id));
    if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
    return seeOther(ctx, path, { tone: "good", text: "The order is cancelled." });
  },
});

export default define.page<typeof handler>(function MyOrder({ data, state }) {
  const { order, payUrl, mayPay, names, isOwn } = data;
  const { name, tone } = ORDER_STATUS_TEXT[order.status];
  return (
    <div class="narrow">
      <PageHead
        title={ORDER_KIND_TEXT[order.kind]}
        crumbs={[
          { href: "/me/wallet", label: "Wallet" },
          { href: "/me/wallet/orders", label: "Orders" },
        ]}
        badge={<Badge tone={tone}>{name}</Badge>}
        sub={orderStateText(order)}
      >
        {payUrl ? <a class="button primary" href={payUrl}>Pay now</a> : null}
      </PageHead>
      <div class="stack">
        {mayPay && payUrl === null
          ? (
            <p class="notice" data-tone="warn">
              <Icon name="clock" />
              <span>
                The payment gateway does not answer now. Open this page again in a minute.
              </span>
            </p>
          )
          : null}
        <OrderFacts order={order} names={names} view={state.view} />
        {isOwn && order.status === "pending"
          ? (
            <section class="card" aria-labelledby="cancel-title">
              <div class="card-head">
                <h2 id="cancel-title">Cancel the order</h2>
              </div>
              <form method="post" class="card-body stack">
                <CsrfField token={state.csrfToken} />
                <p class="muted">
                  {order.kind === "withdrawal"
                    ? "What was set aside is free in your wallet again."
                    : "Nothing is taken. A payment on its way fills your wallet instead."}
                </p>
                <div class="actions">
                  <button type="submit" class="button danger">Cancel the order</button>
                </div>
              </form>
            </section>
          )
          : null}
      </div>
    </div>
  );
});
