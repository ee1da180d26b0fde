import { type Context, page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import type { Faults } from "@/components/Field.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { availableMinor } from "@/components/money/WalletFigures.tsx";
import { decimalOf } from "@/domain/money.ts";
import { AmountForm, type AmountValues } from "../../(_frames)/AmountForm.tsx";
import { define, type State } from "../../define.ts";
import { amountFaults, amountFormOf, parseAmount } from "../../forms/amount_form.ts";
import { faultsOfRefusal } from "../../forms/fields.ts";
import { personIn, refusalOf, seeOther } from "../../page_answer.ts";

interface Data {
  values: AmountValues;
  faults: Faults;
  /** What can be withdrawn, by currency. */
  available: { currency: string; amount: string }[];
}

async function availableOf({ state }: Context<State>): Promise<Data["available"]> {
  const { services, actor } = state;
  const accounts = await services.books.userAccounts(actor, personIn(state).userId);
  return accounts.filter(({ kind }) => kind === "wallet").flatMap(({ currency }) => {
    const amountMinor = availableMinor(accounts, currency);
    return amountMinor > 0n ? [{ currency, amount: decimalOf({ currency, amountMinor }) }] : [];
  });
}

export const handler = define.handlers({
  async GET(ctx) {
    const available = await availableOf(ctx);
    const currency = available[0]?.currency ?? "";
    const key = `page-${ctx.state.requestId}`;
    const values = { currency, amount: "", note: "", key };
    return page<Data>({ values, faults: {}, available });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const values = amountFormOf(form);
    const { value, faults } = parseAmount("withdrawal", values);
    const again = async (faults: Faults, status: number) =>
      page<Data>({ values, faults, available: await availableOf(ctx) }, { status });
    if (faults) return await again(faults, 422);
    let orderId = "";
    const refusal = await refusalOf(async () => {
      const key = values.key || undefined;
      orderId = (await services.orders.place(actor, value, { idempotencyKey: key })).id;
    });
    if (refusal?.code === "INSUFFICIENT_FUNDS") {
      return await again({ amount: "The wallet holds less than that" }, refusal.status);
    }
    if (refusal) return await again(amountFaults(faultsOfRefusal(refusal)), refusal.status);
    return seeOther(ctx, `/me/wallet/orders/${orderId}`, {
      tone: "good",
      text: "The withdrawal is asked for. Finance looks at it.",
    });
  },
});

export default define.page<typeof handler>(function Withdraw({ data, state }) {
  const { values, faults, available } = data;
  return (
    <div class="narrow">
      <PageHead
        title="Withdraw"
        crumbs={[{ href: "/me/wallet", label: "Wallet" }]}
        sub="The amount is set aside at once, and sent when finance has approved it."
      />
      {available.length === 0
        ? (
          <div class="card">
            <EmptyState title="Nothing to withdraw" text="Your wallet holds no free money.">
              <a class="button" href="/me/wallet">Back to the wallet</a>
            </EmptyState>
          </div>
        )
        : (
          <AmountForm
            values={values}
            faults={faults}
            csrfToken={state.csrfToken}
            currencies={available.map(({ currency }) => currency)}
            button="Ask for it"
          >
            <p class="muted">
              You can withdraw up to{" "}
              {available.map(({ amount, currency }) => moneyText(amount, currency)).join(" and ")}.
              {" "}
              <a href="/me/wallet/payouts">Where it goes</a>
            </p>
          </AmountForm>
        )}
    </div>
  );
});
