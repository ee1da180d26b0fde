import { page } from "fresh";
import { isStaffRole } from "@/components/frame/navigation.ts";
import { Icon } from "@/components/Icon.tsx";
import { Gate } from "../(_frames)/Gate.tsx";
import { sessionCookie } from "../cookies.ts";
import { define } from "../define.ts";
import { textOf } from "../forms/fields.ts";
import { refusalOf, seeOther } from "../page_answer.ts";

/**
 * One-time links are used up by POST only: scanners of mail and chat open every link they see, and
 * would otherwise sign in before the person does.
 */
export const handler = define.handlers({
  GET: (ctx) => page({ token: ctx.url.searchParams.get("token") ?? "", isRefused: false }),
  async POST(ctx) {
    const { form, services, origin, isSecure } = ctx.state;
    let res: Response | undefined;
    const refusal = await refusalOf(async () => {
      const session = await services.accounts.redeemSignInLink(textOf(form, "token"), origin);
      res = seeOther(ctx, isStaffRole(session.user.role) ? "/admin" : "/me");
      res.headers.append("set-cookie", sessionCookie(session.cookie, session.expiresAt, isSecure));
    });
    if (refusal) return page({ token: "", isRefused: true }, { status: refusal.status });
    return res!;
  },
});

export default define.page<typeof handler>(function SignInLink({ data, state, url }) {
  const { token, isRefused } = data;
  if (isRefused || token === "") {
    return (
      <Gate state={state} url={url} title="This link is used up">
        <p class="muted">
          Sign-in links work once and for 30 minutes. Ask for a new one, restart the server for a
          new banner, or sign in with your password.
        </p>
        <a class="button primary" href="/sign-in">
          <Icon name="enter" /> Sign in with password
        </a>
      </Gate>
    );
  }
  return (
    <Gate state={state} url={url} title="Sign in with your link">
      <p class="muted">The link works once. It signs in this browser only.</p>
      <form method="post" action="/sign-in/link">
        <input type="hidden" name="token" value={token} />
        {state.csrfToken ? <input type="hidden" name="_csrf" value={state.csrfToken} /> : null}
        <button type="submit" class="button primary wide" autofocus>
          <Icon name="enter" /> Continue
        </button>
      </form>
    </Gate>
  );
});
