import type { Order } from "@/contracts/orders.ts";
import { Badge } from "../Badge.tsx";
import { moneyText } from "./money_text.ts";
import { ORDER_KIND_TEXT, ORDER_STATUS_TEXT, SENDER_TEXT } from "./order_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** Orders, each with its own page. */
export function OrderTable(
  { orders, path, competitions, users, view }: {
    orders: readonly Order[];
    /** Where the orders' pages are. */
    path: string;
    /** Names by id. */
    competitions: ReadonlyMap<string, string>;
    /** Names by id; absent where all orders are one person's. */
    users?: ReadonlyMap<string, string>;
    view: Viewer;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Order</th>
          {users ? <th scope="col">Whose</th> : null}
          <th scope="col">State</th>
          <th scope="col">Made</th>
          <th scope="col" class="num">Amount</th>
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => {
          const { name, tone } = ORDER_STATUS_TEXT[order.status];
          const contest = order.competitionId && competitions.get(order.competitionId);
          return (
            <tr key={order.id}>
              <td>
                <a href={`${path}/${order.id}`}>{ORDER_KIND_TEXT[order.kind]}</a>
                {contest ? <span class="under">{contest}</span> : null}
                {order.sentBy ? <span class="under">{SENDER_TEXT[order.sentBy]}</span> : null}
              </td>
              {users ? <td data-label="Whose">{users.get(order.userId) ?? order.userId}</td> : null}
              <td>
                {order.isRefunding
                  ? <Badge tone="warn">Being given back</Badge>
                  : <Badge tone={tone}>{name}</Badge>}
              </td>
              <td data-label="Made">
                <TimeText at={order.createdAt} view={view} />
              </td>
              <td class="num" data-label="Amount">{moneyText(order.amount, order.currency)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
