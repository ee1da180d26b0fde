import { type Context, page } from "fresh";
import { FaultSummary, TextField } from "@/components/Field.tsx";
import { PASSWORD_MIN, Registration } from "@/contracts/auth.ts";
import { Gate } from "./(_frames)/Gate.tsx";
import { sessionCookie } from "./cookies.ts";
import { define, type State } from "./define.ts";
import { faultsOfRefusal, faultsOfSchema, secretOf, textOf } from "./forms/fields.ts";
import { refusalOf, safePath, seeOther } from "./page_answer.ts";

function failed(ctx: Context<State>, faults: Record<string, string>, status: number) {
  const { form } = ctx.state;
  const values = { name: textOf(form, "name"), email: textOf(form, "email") };
  return page({ ...values, next: textOf(form, "next"), faults }, { status });
}

export const handler = define.handlers({
  GET(ctx) {
    if (ctx.state.account) return ctx.redirect("/me", 303);
    const next = safePath(ctx.url.searchParams.get("next"), "");
    return page({ name: "", email: "", next, faults: {} as Record<string, string> });
  },
  async POST(ctx) {
    const { form, services, origin, isSecure } = ctx.state;
    const registration = Registration.safeParse({
      name: textOf(form, "name"),
      email: textOf(form, "email"),
      password: secretOf(form, "password"),
    });
    if (!registration.success) return failed(ctx, faultsOfSchema(registration.error), 422);
    let res: Response | undefined;
    const refusal = await refusalOf(async () => {
      const session = await services.accounts.registerBrowser(registration.data, origin);
      const flash = { tone: "good", text: `Welcome, ${session.user.name}.` } as const;
      res = seeOther(ctx, safePath(textOf(form, "next"), "/me"), flash);
      res.headers.append("set-cookie", sessionCookie(session.cookie, session.expiresAt, isSecure));
    });
    if (!refusal) return res!;
    const faults = refusal.code === "EMAIL_TAKEN"
      ? { email: "There is an account with this address; sign in instead" }
      : faultsOfRefusal(refusal);
    return failed(ctx, faults, refusal.status);
  },
});

export default define.page<typeof handler>(function Register({ data, state, url }) {
  const { name, email, next, faults } = data;
  const signIn = (
    <a href={next ? `/sign-in?next=${encodeURIComponent(next)}` : "/sign-in"}>Sign in</a>
  );
  if (!state.settings.registrationOpen) {
    return (
      <Gate state={state} url={url} title="Make an account">
        <p>Accounts are by invitation here: an admin has to make yours.</p>
        <p class="muted">Been here before? {signIn}</p>
      </Gate>
    );
  }
  return (
    <Gate state={state} url={url} title="Make an account">
      <form class="form" method="post" action="/register" noValidate>
        <FaultSummary faults={faults} />
        <input type="hidden" name="next" value={next} />
        <TextField
          name="name"
          label="Name"
          autocomplete="name"
          value={name}
          faults={faults}
          hint="Shown on boards. You can choose an alias later."
          maxLength={80}
          required
        />
        <TextField
          name="email"
          label="E-mail"
          type="email"
          autocomplete="email"
          value={email}
          faults={faults}
          required
        />
        <TextField
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          faults={faults}
          hint={`At least ${PASSWORD_MIN} characters, and hard to guess.`}
          required
        />
        <button type="submit" class="button primary wide">Make an account</button>
      </form>
      <p class="muted">
        Been here before? {signIn}
      </p>
    </Gate>
  );
});
