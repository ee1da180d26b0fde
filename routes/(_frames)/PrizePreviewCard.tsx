import { Badge } from "@/components/Badge.tsx";
import { Facts } from "@/components/Facts.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { PayoutTable } from "@/components/money/PayoutTable.tsx";
import { REST_TEXT } from "@/components/money/prize_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { SplitProof } from "@/components/money/SplitProof.tsx";
import type { PrizePreview, PrizeResult } from "@/contracts/prizes.ts";
import { decimalOf } from "@/domain/money.ts";

/** Prizes of a preview that are told one by one; the split says the rest. */
const SHOWN_MAX = 50;

/** What distributing would pay now. */
export function PreviewCard({ preview }: { preview: PrizePreview }) {
  const { payouts, provisional, currency } = preview;
  const hidden = payouts.length - SHOWN_MAX;
  return (
    <section class="card" aria-labelledby="preview-title">
      <div class="card-head">
        <h2 id="preview-title">Preview</h2>
        <Badge tone={provisional ? "warn" : "good"}>{provisional ? "Provisional" : "Final"}</Badge>
      </div>
      <div class="card-body stack">
        <p class="muted">
          {provisional
            ? "What the standings of this moment would pay. Result and pool may still change."
            : "The result is final and the pool is full: this is what will be paid."}
        </p>
        <SplitFacts split={preview} />
        <SplitProof split={preview} />
      </div>
      {payouts.length === 0
        ? <p class="card-body muted">No place is taken yet, so nobody would get a prize.</p>
        : <PayoutTable payouts={payouts.slice(0, SHOWN_MAX)} currency={currency} />}
      {hidden > 0
        ? <p class="card-body muted">And {groupDigits(hidden)} more prizes below these.</p>
        : null}
    </section>
  );
}

/** Pool, prizes and rest. */
export function SplitFacts({ split }: { split: PrizePreview | PrizeResult }) {
  const { currency, rest } = split;
  const money = (minor: string) =>
    moneyText(decimalOf({ currency, amountMinor: BigInt(minor) }), currency);
  const goes = split.restMinor === "0" ? "" : ` · ${REST_TEXT[rest].toLowerCase()}`;
  return (
    <Facts
      facts={[
        { term: "Pool", value: money(split.poolMinor) },
        { term: "Prizes", value: money(split.paidMinor) },
        { term: "Rest", value: money(split.restMinor) + goes },
      ]}
    />
  );
}
