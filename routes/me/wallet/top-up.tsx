import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import type { Faults } from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { CURRENCIES } from "@/domain/money.ts";
import { AmountForm, type AmountValues } from "../../(_frames)/AmountForm.tsx";
import { define } from "../../define.ts";
import { amountFaults, amountFormOf, parseAmount } from "../../forms/amount_form.ts";
import { faultsOfRefusal } from "../../forms/fields.ts";
import { personIn, refusalOf } from "../../page_answer.ts";
import { toPayment } from "../../payment_step.ts";
import type { PlacedOrder } from "@/contracts/orders.ts";

interface Data {
  values: AmountValues;
  faults: Faults;
}

/** An amount in an address, as the join card links to it. */
const AMOUNT = /^\d{1,15}(\.\d{1,3})?$/;

export const handler = define.handlers({
  async GET({ state, url }) {
    const { services, actor, requestId } = state;
    const accounts = await services.books.userAccounts(actor, personIn(state).userId);
    const asked = url.searchParams.get("currency")?.toUpperCase() ?? "";
    const amount = url.searchParams.get("amount") ?? "";
    const values = {
      currency: CURRENCIES.has(asked) ? asked : accounts[0]?.currency ?? "EUR",
      amount: AMOUNT.test(amount) ? amount : "",
      note: "",
      key: `page-${requestId}`,
    };
    return page<Data>({ values, faults: {} });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const values = amountFormOf(form);
    const { value, faults } = parseAmount("top_up", values);
    if (faults) return page<Data>({ values, faults }, { status: 422 });
    let placed: PlacedOrder | undefined;
    const refusal = await refusalOf(async () => {
      const key = values.key || undefined;
      placed = await services.orders.place(actor, value, { idempotencyKey: key });
    });
    if (refusal || !placed) {
      const faults = refusal ? amountFaults(faultsOfRefusal(refusal)) : {};
      return page<Data>({ values, faults }, { status: refusal?.status ?? 422 });
    }
    return toPayment(ctx, placed);
  },
});

export default define.page<typeof handler>(function TopUp({ data, state }) {
  const { gateway } = state.services.orders;
  return (
    <div class="narrow">
      <PageHead
        title="Top up"
        crumbs={[{ href: "/me/wallet", label: "Wallet" }]}
        badge={gateway?.isTestMoney ? <Badge tone="warn">Test money</Badge> : null}
        sub={gateway?.isTestMoney
          ? "This server moves test money only: the payment page asks for no card."
          : "You pay on the next page; the money is in your wallet as soon as it arrives."}
      />
      <AmountForm {...data} csrfToken={state.csrfToken} currencies={[]} button="Go on to pay" />
    </div>
  );
});
