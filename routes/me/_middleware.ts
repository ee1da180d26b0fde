import { define } from "../define.ts";
import { noticesUnread } from "../notices_unread.ts";
import { toSignIn } from "../page_answer.ts";
import { reviewsWaiting } from "../reviews_waiting.ts";

/** One's own pages need somebody signed in. */
export default define.middleware(async (ctx) => {
  if (!ctx.state.account) return toSignIn(ctx);
  const [waiting, unread] = await Promise.all([
    reviewsWaiting(ctx.state),
    noticesUnread(ctx.state),
  ]);
  Object.assign(ctx.state, { reviewsWaiting: waiting, noticesUnread: unread });
  return await ctx.next();
});
