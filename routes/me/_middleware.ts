import { define, type State } from "../define.ts";
import { noticesUnread } from "../notices_unread.ts";
import type { Context } from "fresh";
import { seeOther, toSignIn } from "../page_answer.ts";
import { reviewsWaiting } from "../reviews_waiting.ts";
import { SHARE_PATH } from "../share_target.ts";

/** One's own pages need somebody signed in. */
export default define.middleware(async (ctx) => {
  if (!ctx.state.account) return isShare(ctx) ? toShareAgain(ctx) : toSignIn(ctx);
  const [waiting, unread] = await Promise.all([
    reviewsWaiting(ctx.state),
    noticesUnread(ctx.state),
  ]);
  Object.assign(ctx.state, { reviewsWaiting: waiting, noticesUnread: unread });
  return await ctx.next();
});

function isShare({ req, url }: Context<State>): boolean {
  return req.method === "POST" && url.pathname === SHARE_PATH;
}

/** A stranger's file is not kept: whoever signs in shares it again, or chooses it there. */
function toShareAgain(ctx: Context<State>): Response {
  const text = "Sign in, then share the file once more. It was not taken in.";
  return seeOther(ctx, "/sign-in?next=%2Fme%2Fupload", { tone: "warn", text });
}
