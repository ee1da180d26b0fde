import { page } from "fresh";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { DomainError } from "@/domain/error.ts";
import { CHECKOUT_CHOICES, type TestCheckout } from "@/services/money/test_checkout.ts";
import { SitePage } from "../(_frames)/SitePage.tsx";
import { define, type State } from "../define.ts";
import { textOf } from "../forms/fields.ts";
import { seeOther, toSignIn } from "../page_answer.ts";

/** Only where money is made up; a real gateway has a page of its own. */
function checkoutOf({ services }: State) {
  if (services.testCheckout) return services.testCheckout;
  throw new DomainError("NOT_FOUND", "Cannot show this page: money is real here");
}

export const handler = define.handlers({
  async GET(ctx) {
    const checkout = checkoutOf(ctx.state);
    if (!ctx.state.account) return toSignIn(ctx);
    return page({ payment: await checkout.find(ctx.state.actor, ctx.params.reference!) });
  },
  async POST(ctx) {
    const checkout = checkoutOf(ctx.state);
    if (!ctx.state.account) return toSignIn(ctx);
    const reference = ctx.params.reference!;
    const wish = textOf(ctx.state.form, "choice");
    const choice = CHECKOUT_CHOICES.find((known) => known === wish);
    if (!choice) throw new DomainError("BAD_REQUEST", `Cannot do "${wish}": no such choice`);
    const { state } = await checkout.decide(ctx.state.actor, reference, choice);
    const { tone, text } = OUTCOMES[state];
    return seeOther(ctx, `/checkout/${encodeURIComponent(reference)}`, {
      tone: tone === "good" ? "good" : "bad",
      text,
    });
  },
});

const OUTCOMES: Record<TestCheckout["state"], { tone: Tone; name: string; text: string }> = {
  open: { tone: "info", name: "Open", text: "The payment waits for you." },
  done: { tone: "good", name: "Paid", text: "The test payment arrived." },
  failed: { tone: "bad", name: "Failed", text: "The test payment was declined." },
  cancelled: { tone: "plain", name: "Given up", text: "The payment was given up." },
};

export default define.page<typeof handler>(function Checkout({ data, state, url }) {
  const { payment } = data;
  const { tone, name, text } = OUTCOMES[payment.state];
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        <PageHead
          title="Test checkout"
          badge={<Badge tone="warn">Test money</Badge>}
          sub="This money is made up. No card is asked for, and nothing leaves any account."
        />
        <section class="card" aria-labelledby="payment">
          <div class="card-head">
            <h2 id="payment">{payment.description}</h2>
            <Badge tone={tone}>{name}</Badge>
          </div>
          <div class="card-body stack">
            <p>
              <strong>{payment.amount} {payment.currency}</strong>
            </p>
            {payment.state === "open"
              ? <Choices reference={payment.reference} csrfToken={state.csrfToken} />
              : (
                <p class="muted">
                  {text} <a href="/me/wallet">Go on to the wallet</a>
                </p>
              )}
          </div>
        </section>
      </div>
    </SitePage>
  );
});

function Choices({ reference, csrfToken }: { reference: string; csrfToken: string }) {
  return (
    <form method="post" action={`/checkout/${encodeURIComponent(reference)}`}>
      <CsrfField token={csrfToken} />
      <div class="actions">
        <button type="submit" class="button primary" name="choice" value="pay">Pay</button>
        <button type="submit" class="button" name="choice" value="fail">Let it fail</button>
        <button type="submit" class="button" name="choice" value="cancel">Give up</button>
      </div>
    </form>
  );
}
