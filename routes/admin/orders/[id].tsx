import { type Context, page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { Icon } from "@/components/Icon.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { ORDER_KIND_TEXT, ORDER_STATUS_TEXT } from "@/components/money/order_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import { StatementTable } from "@/components/money/StatementTable.tsx";
import { type StatementLine, TransactionQuery } from "@/contracts/ledger.ts";
import type { Order, OrderChange } from "@/contracts/orders.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { OrderFacts } from "../../(_frames)/OrderFacts.tsx";
import { define, type State } from "../../define.ts";
import { financeOnly } from "../../finance_only.ts";
import { type FormAction, idOf, tryAction } from "../../forms/attempt.ts";
import { seeOther } from "../../page_answer.ts";

interface Data {
  order: Order;
  lines: StatementLine[];
  names: MoneyNames;
  attempt: Attempt;
}

/** Lines of the buyer's wallet that are looked through for those of the order. */
const LINES_MAX = 100;

async function dataOf(
  { state: { services, actor }, params }: Context<State>,
  attempt: Attempt = NO_ATTEMPT,
): Promise<Data> {
  const order = await services.orders.get(actor, idOf(params.id));
  const query = TransactionQuery.parse({ from: order.createdAt, page_size: LINES_MAX });
  const [moves, names] = await Promise.all([
    services.books.userTransactions(actor, order.userId, query),
    services.moneyNames.of(actor, [order]),
  ]);
  return { order, lines: moves.items.filter((line) => line.orderId === order.id), names, attempt };
}

interface Decision {
  action: string;
  title: string;
  consequences: readonly string[];
  tone: "primary" | "danger";
  done: string;
  /** What is asked for in place of a reason. */
  label?: string;
}

/** A decision that changes the order's state; the others say what happened outside. */
interface Change extends Decision {
  status: NonNullable<OrderChange["status"]>;
}

const APPROVE: Change = {
  action: "approve",
  status: "paid",
  title: "Approve and send it",
  consequences: [
    "The amount leaves the wallet and goes to the person's account at the gateway.",
    "A payout that fails comes back into the wallet by itself.",
  ],
  tone: "primary",
  done: "The withdrawal is approved.",
};
const APPROVE_BY_HAND: Change = {
  ...APPROVE,
  title: "Approve it",
  consequences: [
    "The amount leaves the wallet. The person has no account at the gateway: send it by a bank.",
    "Then say here that it was sent. A person who connects an account first is sent it there.",
  ],
};
const REJECT: Change = {
  action: "reject",
  status: "failed",
  title: "Reject it",
  consequences: ["The amount is free in the wallet again.", "The person reads your reason."],
  tone: "danger",
  done: "The withdrawal is rejected.",
};
const REFUND: Change = {
  action: "refund",
  status: "refunded",
  title: "Give the fee back",
  consequences: [
    "The fee goes from the competition's escrow into the wallet, once.",
    "The entry stays; disqualify or remove the person where they should not take part.",
  ],
  tone: "danger",
  done: "The fee is given back.",
};
const CANCEL: Change = {
  action: "cancel",
  status: "cancelled",
  title: "Cancel the order",
  consequences: [
    "Nothing is taken; what was set aside is free again.",
    "A payment that arrives all the same fills the wallet.",
  ],
  tone: "danger",
  done: "The order is cancelled.",
};

const GIVE_BACK: Decision = {
  action: "give_back",
  title: "Give the payment back",
  consequences: [
    "What has not gone back yet of the payment goes back by the way it came, once.",
    "The amount is set aside in the wallet until the gateway reports it.",
  ],
  tone: "danger",
  done: "The gateway is asked to give the payment back.",
};
const SENT: Decision = {
  action: "sent",
  title: "Mark as sent by hand",
  consequences: ["For withdrawals that no gateway sends: say it once the bank has taken it."],
  tone: "primary",
  done: "The withdrawal is marked as sent.",
  label: "The bank's name of the transfer",
};
const RETURNED: Decision = {
  action: "returned",
  title: "It came back",
  consequences: ["For what was sent by hand: the wallet is filled again, once."],
  tone: "danger",
  done: "The amount is back in the wallet.",
};

/** For refunds that were under way when another gateway took the place of theirs. */
const WENT_BACK: Decision = {
  action: "went_back",
  title: "The money went back",
  consequences: [
    "The gateway that was asked is not set up any more, and tells nobody: look into its books.",
    "What is set aside leaves the wallet.",
  ],
  tone: "primary",
  done: "The payment is given back.",
};
const STAYED: Decision = {
  action: "stayed",
  title: "The money stayed here",
  consequences: ["What is set aside is free in the wallet again."],
  tone: "danger",
  done: "The amount is free in the wallet again.",
};

function decisionsOn(order: Order, gateway: string | undefined): readonly Decision[] {
  const { kind, status, sentBy, isRefunding } = order;
  if (isRefunding) return order.gateway === gateway ? [] : [WENT_BACK, STAYED];
  if (kind === "withdrawal" && status === "paid") return sentBy === "person" ? [SENT] : [];
  if (kind === "withdrawal" && status === "fulfilled") return sentBy === "person" ? [RETURNED] : [];
  if (kind === "top_up" && status === "fulfilled") return [GIVE_BACK];
  if (status === "pending" && kind === "withdrawal") {
    return [sentBy === "gateway" ? APPROVE : APPROVE_BY_HAND, REJECT];
  }
  if (status === "pending") return [CANCEL];
  return kind === "entry" && status === "fulfilled" ? [REFUND] : [];
}

function actionsOf(
  { state: { services, actor }, params }: Context<State>,
): Record<string, FormAction> {
  const id = idOf(params.id);
  const actions = [APPROVE, REJECT, REFUND, CANCEL].map(({ action, status, done }) => {
    const act: FormAction = async ({ reason }) => {
      await services.orders.change(actor, id, { status, reason });
      return done;
    };
    return [action, act] as const;
  });
  return {
    ...Object.fromEntries(actions),
    async give_back({ reason }) {
      await services.paymentRefunds.refundPayment(actor, id, { reason });
      return GIVE_BACK.done;
    },
    async went_back({ reason }) {
      await services.paymentRefunds.decideRefund(actor, id, { outcome: "returned", reason });
      return WENT_BACK.done;
    },
    async stayed({ reason }) {
      await services.paymentRefunds.decideRefund(actor, id, { outcome: "kept", reason });
      return STAYED.done;
    },
    async sent({ reason: reference }) {
      await services.withdrawals.markSent(actor, id, { reference });
      return SENT.done;
    },
    async returned({ reason }) {
      await services.withdrawals.markReturned(actor, id, { reason });
      return RETURNED.done;
    },
  };
}

export const handler = define.handlers({
  async GET(ctx) {
    financeOnly(ctx.state);
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    financeOnly(ctx.state);
    const tried = await tryAction(ctx, actionsOf(ctx));
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, `/admin/orders/${ctx.params.id}`, { tone: "good", text: tried.done });
  },
});

export default define.page<typeof handler>(function OrderPage({ data, state }) {
  const { order, lines, names, attempt } = data;
  const { name, tone } = order.isRefunding
    ? { name: "Being given back", tone: "warn" as const }
    : ORDER_STATUS_TEXT[order.status];
  return (
    <div class="narrow">
      <PageHead
        title={`${ORDER_KIND_TEXT[order.kind]} of ${moneyText(order.amount, order.currency)}`}
        crumbs={[{ href: "/admin/orders", label: "Orders" }]}
        badge={<Badge tone={tone}>{name}</Badge>}
        sub={names.users.get(order.userId)}
      >
        <a class="button" href={`/admin/ledger?user=${order.userId}`}>
          <Icon name="ledger" /> Wallet
        </a>
        {state.account?.role === "admin"
          ? (
            <a class="button" href={`/admin/audit?targetId=${order.id}`}>
              <Icon name="scroll" /> Changes
            </a>
          )
          : null}
      </PageHead>
      <div class="stack">
        <OrderFacts order={order} names={names} view={state.view} isStaff />
        <section class="card" aria-labelledby="moves">
          <div class="card-head">
            <h2 id="moves">Transactions</h2>
          </div>
          {lines.length === 0
            ? <p class="card-body muted">Nothing has moved in the wallet for it yet.</p>
            : (
              <StatementTable
                lines={lines}
                competitions={names.competitions}
                view={state.view}
                hrefOf={({ transactionId }) => `/admin/ledger/transactions/${transactionId}`}
                isMixed
              />
            )}
        </section>
        {decisionsOn(order, state.services.orders.gateway?.name).map((decision) => (
          <DecisionCard
            key={decision.action}
            decision={decision}
            csrfToken={state.csrfToken}
            attempt={attempt}
          />
        ))}
      </div>
    </div>
  );
});

function DecisionCard(
  { decision, csrfToken, attempt }: { decision: Decision; csrfToken: string; attempt: Attempt },
) {
  const { action, title, tone, consequences, label } = decision;
  return (
    <section
      class={tone === "danger" ? "card danger-card" : "card"}
      aria-labelledby={`${action}-title`}
    >
      <div class="card-head">
        <h2 id={`${action}-title`}>{title}</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action={action}
          csrfToken={csrfToken}
          button={title}
          tone={tone}
          {...(label ? { label } : {})}
          hint="The buyer may read it; it is kept in the audit log."
          attempt={attempt}
        >
          <Consequences texts={consequences} />
        </ReasonForm>
      </div>
    </section>
  );
}
