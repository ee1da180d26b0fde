import { type Context, page } from "fresh";
import { CsrfField, type Faults, FaultSummary, TextField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { endedSessionCookie } from "../cookies.ts";
import { define, type State } from "../define.ts";
import { faultsOfRefusal, textOf } from "../forms/fields.ts";
import { personIn, refusalOf, seeOther } from "../page_answer.ts";

const CONSEQUENCES = [
  "Your name, e-mail, profile and alias are erased.",
  "Boards keep your places, without your name.",
  "All your sessions end, and the account cannot be taken back.",
];

function failed(faults: Faults, status: number) {
  return page({ faults }, { status });
}

export const handler = define.handlers({
  GET: () => page({ faults: {} as Faults }),
  async POST(ctx: Context<State>) {
    const { services, actor, account, form, isSecure } = ctx.state;
    if (textOf(form, "email").toLowerCase() !== account?.email) {
      return failed({ email: "Type the address of this account" }, 422);
    }
    const { userId } = personIn(ctx.state);
    const refusal = await refusalOf(() => services.users.remove(actor, userId));
    if (refusal) return failed(faultsOfRefusal(refusal), refusal.status);
    const res = seeOther(ctx, "/", { tone: "good", text: "Your account is deleted." });
    res.headers.append("set-cookie", endedSessionCookie(isSecure));
    return res;
  },
});

export default define.page<typeof handler>(function DeleteAccount({ data: { faults }, state }) {
  return (
    <div class="narrow">
      <PageHead title="Delete account" crumbs={[{ href: "/me/profile", label: "Profile" }]} />
      <section class="card danger-card">
        <div class="card-body stack">
          <FaultSummary faults={faults} />
          <ul class="consequences">
            {CONSEQUENCES.map((text) => (
              <li key={text}>
                <Icon name="right" />
                {text}
              </li>
            ))}
          </ul>
          <form class="form" method="post" action="/me/delete" noValidate>
            <CsrfField token={state.csrfToken} />
            <TextField
              name="email"
              label="Your e-mail, to be sure"
              type="email"
              autocomplete="off"
              faults={faults}
              required
            />
            <div class="actions">
              <button type="submit" class="button danger">Delete my account</button>
              <a class="button" href="/me/profile">Keep it</a>
            </div>
          </form>
        </div>
      </section>
    </div>
  );
});
