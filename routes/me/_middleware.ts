import { define } from "../define.ts";
import { toSignIn } from "../page_answer.ts";
import { reviewsWaiting } from "../reviews_waiting.ts";

/** One's own pages need somebody signed in. */
export default define.middleware(async (ctx) => {
  if (!ctx.state.account) return toSignIn(ctx);
  ctx.state.reviewsWaiting = await reviewsWaiting(ctx.state);
  return await ctx.next();
});
