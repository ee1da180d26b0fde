import type { PrizePreview } from "@/contracts/prizes.ts";
import { groupDigits } from "../score_text.ts";

/** How a split came to be, line by line, for a pencil. */
export function SplitProof(
  { split }: { split: Pick<PrizePreview, "explanation" | "logSeq" | "currency"> },
) {
  return (
    <details class="proof" open>
      <summary>How the pool is split</summary>
      <ul class="plain">
        {split.explanation.map((line, index) => (
          <li key={index} data-inner={line.startsWith(" ") ? "" : undefined}>{line.trim()}</li>
        ))}
      </ul>
      <p class="muted small">
        Computed from the standings after entry {groupDigits(split.logSeq)}{" "}
        of the log; the log and the rules give the same split to anybody.
      </p>
    </details>
  );
}
