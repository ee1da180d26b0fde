import { page } from "fresh";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { DomainError } from "@/domain/error.ts";
import type { PayoutState } from "@/domain/order.ts";
import { ONBOARDING_CHOICES } from "@/services/money/test_onboarding.ts";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { define, type State } from "../../define.ts";
import { textOf } from "../../forms/fields.ts";
import { seeOther, toSignIn } from "../../page_answer.ts";

/** Only where money is made up; a real gateway has pages of its own. */
function onboardingOf({ services }: State) {
  if (services.testOnboarding) return services.testOnboarding;
  throw new DomainError("NOT_FOUND", "Cannot show this page: money is real here");
}

export const handler = define.handlers({
  async GET(ctx) {
    const onboarding = onboardingOf(ctx.state);
    if (!ctx.state.account) return toSignIn(ctx);
    return page({ payee: await onboarding.find(ctx.state.actor, ctx.params.account!) });
  },
  async POST(ctx) {
    const onboarding = onboardingOf(ctx.state);
    if (!ctx.state.account) return toSignIn(ctx);
    const wish = textOf(ctx.state.form, "choice");
    const choice = ONBOARDING_CHOICES.find((known) => known === wish);
    if (!choice) throw new DomainError("BAD_REQUEST", `Cannot do "${wish}": no such choice`);
    const { state } = await onboarding.decide(ctx.state.actor, ctx.params.account!, choice);
    const { text } = OUTCOMES[state];
    return seeOther(ctx, "/me/wallet/payouts", { tone: state === "ready" ? "good" : "bad", text });
  },
});

const OUTCOMES: Record<PayoutState, { tone: Tone; name: string; text: string }> = {
  pending: { tone: "info", name: "Open", text: "The account waits for you." },
  ready: { tone: "good", name: "Connected", text: "The test account is connected." },
  restricted: { tone: "bad", name: "Refused", text: "The test gateway refuses the account." },
};

export default define.page<typeof handler>(function TestAccountPage({ data, state, url }) {
  const { payee } = data;
  const { tone, name, text } = OUTCOMES[payee.state];
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        <PageHead
          title="Test account"
          badge={<Badge tone="warn">Test money</Badge>}
          sub="A real gateway asks here who you are and where you bank. This one asks nothing."
        />
        <section class="card" aria-labelledby="payee">
          <div class="card-head">
            <h2 id="payee">Account for withdrawals</h2>
            <Badge tone={tone}>{name}</Badge>
          </div>
          <div class="card-body stack">
            {payee.state === "pending"
              ? <Choices account={payee.account} csrfToken={state.csrfToken} />
              : <p class="muted">{text}</p>}
            <p>
              <a href="/me/wallet/payouts">Back to the wallet</a>
            </p>
          </div>
        </section>
      </div>
    </SitePage>
  );
});

function Choices({ account, csrfToken }: { account: string; csrfToken: string }) {
  return (
    <form method="post" action={`/checkout/accounts/${encodeURIComponent(account)}`}>
      <CsrfField token={csrfToken} />
      <div class="actions">
        <button type="submit" class="button primary" name="choice" value="connect">Connect</button>
        <button type="submit" class="button" name="choice" value="refuse">Be refused</button>
      </div>
    </form>
  );
}
