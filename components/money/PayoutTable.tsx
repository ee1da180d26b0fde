import type { PrizePayout } from "@/contracts/prizes.ts";
import { Badge } from "../Badge.tsx";
import { moneyText, placesText } from "./money_text.ts";
import { PAYOUT_STATUS } from "./prize_text.ts";
import { Avatar } from "../Avatar.tsx";

/** Prizes in the order of the board. */
export function PayoutTable(
  { payouts, currency, takeBackHref }: {
    payouts: readonly PrizePayout[];
    currency: string;
    /** Where a prize is taken back; undefined where it cannot be. */
    takeBackHref?: (payout: PrizePayout) => string | undefined;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Winner</th>
          <th scope="col" class="num">Place</th>
          <th scope="col" class="num">Prize</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {payouts.map((payout) => {
          const { text, tone } = PAYOUT_STATUS[payout.status];
          const href = takeBackHref?.(payout);
          return (
            <tr key={`${payout.participantId} ${payout.division}`}>
              <td>
                <span class="person">
                  <Avatar id={payout.userId} name={payout.name} />
                  <span>
                    <b>{payout.name}</b>
                    {payout.division === null
                      ? null
                      : <span class="under">Division {payout.division}</span>}
                  </span>
                </span>
              </td>
              <td class="num" data-label="Place">
                {placesText(payout.firstPlace, payout.lastPlace)}
                {payout.lastPlace > payout.firstPlace ? <span class="under">shared</span> : null}
              </td>
              <td class="num" data-label="Prize">{moneyText(payout.amount, currency)}</td>
              <td>
                <Badge tone={tone}>{text}</Badge>
                {href ? <a class="under" href={href}>Take back…</a> : null}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
