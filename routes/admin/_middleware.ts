import { HttpError } from "fresh";
import { isStaffRole } from "@/components/frame/navigation.ts";
import { define } from "../define.ts";
import { noticesUnread } from "../notices_unread.ts";
import { toSignIn } from "../page_answer.ts";
import { reviewsWaiting } from "../reviews_waiting.ts";

/** The panel is for staff; what each may do is the services' to decide. */
export default define.middleware(async (ctx) => {
  const { account } = ctx.state;
  if (!account) return toSignIn(ctx);
  if (!isStaffRole(account.role)) throw new HttpError(403, "Cannot open the panel: staff only");
  const [waiting, unread] = await Promise.all([
    reviewsWaiting(ctx.state),
    noticesUnread(ctx.state),
  ]);
  Object.assign(ctx.state, { reviewsWaiting: waiting, noticesUnread: unread });
  return await ctx.next();
});
