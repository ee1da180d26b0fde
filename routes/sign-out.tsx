import { endedSessionCookie } from "./cookies.ts";
import { define } from "./define.ts";
import { seeOther } from "./page_answer.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const { actor, services, isSecure } = ctx.state;
    if (actor.kind === "user") await services.accounts.logout(actor);
    const res = seeOther(ctx, "/", { tone: "good", text: "You are signed out." });
    res.headers.append("set-cookie", endedSessionCookie(isSecure));
    return res;
  },
});
