import { type Context, page } from "fresh";
import { CsrfField, FaultSummary, TextField } from "@/components/Field.tsx";
import { isStaffRole } from "@/components/frame/navigation.ts";
import { Login } from "@/contracts/auth.ts";
import type { Account } from "@/contracts/auth.ts";
import { Gate } from "../(_frames)/Gate.tsx";
import { sessionCookie } from "../cookies.ts";
import { define, type State } from "../define.ts";
import { faultsOfRefusal, faultsOfSchema, secretOf, textOf } from "../forms/fields.ts";
import { refusalOf, safePath, seeOther } from "../page_answer.ts";

/** Where somebody goes after signing in without a wish of their own. */
function homeOf(account: Account): string {
  return isStaffRole(account.role) ? "/admin" : "/me";
}

function failed(ctx: Context<State>, faults: Record<string, string>, status: number) {
  const { form } = ctx.state;
  return page({ email: textOf(form, "email"), next: textOf(form, "next"), faults }, { status });
}

export const handler = define.handlers({
  GET(ctx) {
    const { account } = ctx.state;
    if (account) return ctx.redirect(homeOf(account), 303);
    const next = safePath(ctx.url.searchParams.get("next"), "");
    return page({ email: "", next, faults: {} as Record<string, string> });
  },
  async POST(ctx) {
    const { form, services, origin, isSecure } = ctx.state;
    const login = Login.safeParse({
      email: textOf(form, "email"),
      password: secretOf(form, "password"),
    });
    if (!login.success) return failed(ctx, faultsOfSchema(login.error), 422);
    let res: Response | undefined;
    const refusal = await refusalOf(async () => {
      const session = await services.accounts.loginBrowser(login.data, origin);
      res = seeOther(ctx, safePath(textOf(form, "next"), homeOf(session.user)));
      res.headers.append("set-cookie", sessionCookie(session.cookie, session.expiresAt, isSecure));
    });
    if (refusal) return failed(ctx, faultsOfRefusal(refusal), refusal.status);
    return res!;
  },
});

export default define.page<typeof handler>(function SignIn({ data, state, url }) {
  const { email, next, faults } = data;
  const register = next ? `/register?next=${encodeURIComponent(next)}` : "/register";
  return (
    <Gate state={state} url={url} title="Sign in">
      <form class="form" method="post" action="/sign-in" noValidate>
        <FaultSummary faults={faults} />
        <CsrfField token={state.csrfToken} />
        <input type="hidden" name="next" value={next} />
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autocomplete="username"
          value={email}
          faults={faults}
          required
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          faults={faults}
          required
        />
        <button type="submit" class="button primary wide">Sign in</button>
      </form>
      <p class="muted">
        New here? <a href={register}>Make an account</a>
      </p>
    </Gate>
  );
});
