import type { Competition } from "@/contracts/competitions.ts";
import { decimalOf } from "@/domain/money.ts";
import { Icon } from "../Icon.tsx";
import { moneyText } from "../money/money_text.ts";

/** What somebody can pay an entry with. */
export interface Purse {
  /** Free money of the wallet, in minor units of the fee's currency; null for visitors. */
  availableMinor: bigint | null;
  /** Whether the fee can be paid through a gateway. */
  hasGateway: boolean;
  /** Whether that gateway's money is made up. */
  isTestMoney: boolean;
}

interface Props {
  competition: Competition;
  purse: Purse | null;
}

/** What entering costs, and what there is to pay it with. */
export function FeeLine({ competition: { entryFee }, purse }: Props) {
  if (entryFee === null) return null;
  const { currency, amount } = entryFee;
  const available = purse?.availableMinor ?? null;
  return (
    <dl class="standing">
      <div>
        <dt>Entry fee{purse?.isTestMoney ? " (test money)" : ""}</dt>
        <dd>{moneyText(amount, currency)}</dd>
      </div>
      {available === null ? null : (
        <div>
          <dt>Your wallet</dt>
          <dd>{moneyText(decimalOf({ currency, amountMinor: available }), currency)}</dd>
        </div>
      )}
    </dl>
  );
}

/** The ways to join: free, out of the wallet, or by paying outside. */
export function JoinButtons({ competition: { entryFee }, purse }: Props) {
  if (entryFee === null || purse === null) {
    return <button type="submit" class="button primary wide">Join this competition</button>;
  }
  const { currency, amount, amountMinor } = entryFee;
  const missing = BigInt(amountMinor) - (purse.availableMinor ?? 0n);
  const fee = moneyText(amount, currency);
  if (missing <= 0n) {
    return (
      <>
        <button type="submit" class="button primary wide">
          <Icon name="wallet" /> Pay {fee} from the wallet and join
        </button>
        <p class="hint">You get it back if you leave before the start, or if it is cancelled.</p>
      </>
    );
  }
  if (!purse.hasGateway) {
    return <p class="hint">Your wallet holds less than the fee; ask the organiser to fill it.</p>;
  }
  const topUp = new URLSearchParams({
    currency,
    amount: decimalOf({ currency, amountMinor: missing }),
  });
  return (
    <>
      <button type="submit" class="button primary wide" name="method" value="gateway">
        Pay {fee} and join
      </button>
      <a class="button wide" href={`/me/wallet/top-up?${topUp}`}>Top up the wallet first</a>
      <p class="hint">Your place is taken when the payment arrives.</p>
    </>
  );
}
