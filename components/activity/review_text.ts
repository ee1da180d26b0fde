/** Reviews in words. */

import type { Review, ReviewStatus } from "@/contracts/reviews.ts";
import type { Tone } from "../Badge.tsx";

/** How a status is shown. */
export const REVIEW_STATUS_TEXT: Record<ReviewStatus, { name: string; tone: Tone }> = {
  open: { name: "Waiting", tone: "warn" },
  appealed: { name: "Appealed", tone: "warn" },
  accepted: { name: "Accepted", tone: "good" },
  rejected: { name: "Rejected", tone: "bad" },
};

/** Why somebody has to look. */
export const CAUSE_TEXT: Record<Review["cause"], string> = {
  implausible: "Doubtful figures",
  "shared_file": "The same file from another account",
};

/** What a review is about. */
export function reviewTitle({ day }: Pick<Review, "day">): string {
  return day === null ? "A recorded session" : `The day ${day}`;
}
