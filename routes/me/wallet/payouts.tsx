import { page } from "fresh";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import type { PayoutAccount } from "@/contracts/withdrawals.ts";
import { define } from "../../define.ts";
import { personIn, refusalOf, seeOther } from "../../page_answer.ts";
import { pathHere } from "../../payment_step.ts";

interface Data {
  account: PayoutAccount;
  /** The gateway's page, where it is on another site. */
  url: string | null;
}

const PATH = "/me/wallet/payouts";

export const handler = define.handlers({
  async GET({ state }) {
    const { services, actor } = state;
    const account = await services.payoutAccounts.get(actor, personIn(state).userId);
    return page<Data>({ account, url: null });
  },
  async POST(ctx) {
    const { services, actor, publicUrl } = ctx.state;
    const { userId } = personIn(ctx.state);
    let url = "";
    const refusal = await refusalOf(async () => {
      url = (await services.payoutAccounts.connect(actor, userId)).url;
    });
    if (refusal) return seeOther(ctx, PATH, { tone: "bad", text: `${refusal.message}.` });
    const own = pathHere(url, [publicUrl, ctx.url.origin]);
    if (own) return seeOther(ctx, own);
    // Browsers let no form lead to another site, so that the page shows the way.
    return page<Data>({ account: await services.payoutAccounts.get(actor, userId), url });
  },
});

const STATES: Record<PayoutAccount["state"], { tone: Tone; name: string; text: string }> = {
  none: {
    tone: "plain",
    name: "None",
    text: "Connect an account, and withdrawals go there as soon as finance has approved them. " +
      "Without one, finance sends the money by hand.",
  },
  pending: {
    tone: "warn",
    name: "Not complete",
    text: "The gateway waits for something from you, or looks at what you gave. Until then " +
      "finance sends withdrawals by hand.",
  },
  ready: {
    tone: "good",
    name: "Ready",
    text: "Withdrawals go to this account as soon as finance has approved them.",
  },
  restricted: {
    tone: "bad",
    name: "Refused",
    text: "The gateway sends no money there. Finance sends your withdrawals by hand.",
  },
};

const BUTTONS: Partial<Record<PayoutAccount["state"], string>> = {
  none: "Connect an account",
  pending: "Go on at the gateway",
};

export default define.page<typeof handler>(function Payouts({ data, state }) {
  const { account, url } = data;
  const { tone, name, text } = STATES[account.state];
  return (
    <div class="narrow">
      <PageHead
        title="Payouts"
        crumbs={[{ href: "/me/wallet", label: "Wallet" }]}
        badge={account.isTestMoney ? <Badge tone="warn">Test money</Badge> : null}
        sub="Where your withdrawals go."
      />
      <section class="card" aria-labelledby="account">
        <div class="card-head">
          <h2 id="account">Account</h2>
          <Badge tone={tone}>{name}</Badge>
        </div>
        <div class="card-body stack">
          <p>{text}</p>
          {account.account
            ? (
              <p class="muted">
                The gateway calls it <code>{account.account}</code>.
              </p>
            )
            : null}
          {url
            ? (
              <p>
                <a class="button primary" href={url}>Continue at the gateway</a>
              </p>
            )
            : <Connect account={account} csrfToken={state.csrfToken} />}
        </div>
      </section>
    </div>
  );
});

function Connect({ account, csrfToken }: { account: PayoutAccount; csrfToken: string }) {
  const button = account.gateway === null ? undefined : BUTTONS[account.state];
  if (button === undefined) return null;
  return (
    <form method="post" action={PATH}>
      <CsrfField token={csrfToken} />
      <div class="actions">
        <button type="submit" class="button primary">{button}</button>
      </div>
    </form>
  );
}
