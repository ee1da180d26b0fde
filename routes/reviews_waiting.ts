/** How many reviews wait for the viewer, beside the menu of the panel. */

import { isReviewerRole } from "@/components/frame/navigation.ts";
import { ReviewQuery } from "@/contracts/reviews.ts";
import type { State } from "./define.ts";

const WAITING = ReviewQuery.parse({ status: "waiting", page_size: 1 });

/** 0 for those who decide none. */
export async function reviewsWaiting({ services, actor, account }: State): Promise<number> {
  if (!account || !isReviewerRole(account.role)) return 0;
  return (await services.reviews.list(actor, WAITING)).total;
}
