import { moneyText, placesText } from "@/components/money/money_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { PrizeResult } from "@/contracts/prizes.ts";

/** The first prizes, with the way to all of them and their proof. */
export function WinnersCard(
  { competition, result }: { competition: CompetitionView; result: PrizeResult },
) {
  const { payouts, currency } = result;
  return (
    <section class="card" aria-labelledby="winners">
      <div class="card-head">
        <h2 id="winners">Prizes</h2>
        <a href={`/c/${competition.slug}/prizes`}>All, with proof</a>
      </div>
      <div class="card-body">
        {payouts.length === 0 ? <p class="muted">No place was taken.</p> : (
          <dl class="facts tight">
            {payouts.map(({ participantId, division, firstPlace, lastPlace, name, amount }) => (
              <div key={`${participantId} ${division}`}>
                <dt>
                  {placesText(firstPlace, lastPlace)}. {name}
                  {division ? ` (${division})` : ""}
                </dt>
                <dd>{moneyText(amount, currency)}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </section>
  );
}
