import { Facts } from "@/components/Facts.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { SENDER_TEXT } from "@/components/money/order_text.ts";
import { TimeText, type Viewer } from "@/components/TimeText.tsx";
import type { Order } from "@/contracts/orders.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";

/** All that is known of an order. */
export function OrderFacts(
  { order, names, view, isStaff = false }: {
    order: Order;
    names: MoneyNames;
    view: Viewer;
    /** Links into the panel. */
    isStaff?: boolean;
  },
) {
  const { competitionId, gateway, failure, note, paidAt, settledAt } = order;
  const time = (term: string, at: string | null) =>
    at === null ? [] : [{ term, value: <TimeText at={at} view={view} /> }];
  return (
    <div class="card card-body">
      <Facts
        facts={[
          { term: "Amount", value: moneyText(order.amount, order.currency) },
          ...(isStaff
            ? [{
              term: "Whose",
              value: (
                <a href={`/admin/orders?user=${order.userId}`}>
                  {names.users.get(order.userId) ?? order.userId}
                </a>
              ),
            }]
            : []),
          ...(competitionId === null ? [] : [{
            term: "Competition",
            value: (
              <a href={isStaff ? `/admin/competitions/${competitionId}` : `/c/${competitionId}`}>
                {names.competitions.get(competitionId) ?? competitionId}
              </a>
            ),
          }]),
          order.kind === "withdrawal"
            ? { term: "Sent", value: SENDER_TEXT[order.sentBy ?? "person"] }
            : {
              term: "Paid by",
              value: order.method === "wallet" ? "Wallet" : `Payment gateway ${gateway ?? ""}`,
            },
          ...(failure === null ? [] : [{ term: "Reason", value: failure }]),
          ...(note === null ? [] : [{ term: "Note", value: note }]),
          ...time("Made", order.createdAt),
          ...time(order.kind === "withdrawal" ? "Approved" : "Paid", paidAt),
          ...time("Settled", settledAt),
          { term: "Id", value: <code>{order.id}</code> },
        ]}
      />
    </div>
  );
}
