import type { LedgerAccount } from "@/contracts/ledger.ts";
import { decimalOf } from "@/domain/money.ts";
import { moneyText } from "./money_text.ts";

/** What a person has and owes, one figure a currency. */
export function WalletFigures({ accounts }: { accounts: readonly LedgerAccount[] }) {
  const shown = accounts.filter(({ kind, balanceMinor }) =>
    kind === "wallet" || balanceMinor !== "0"
  );
  return (
    <dl class="figures">
      {shown.map(({ id, kind, currency, balance, balanceMinor, reservedMinor }) => (
        <div key={id} class="card figure">
          <dt>{kind === "wallet" ? "In the wallet" : "Owed by you"}</dt>
          <dd>
            {moneyText(
              kind === "wallet" ? balance : decimalOf({
                currency,
                amountMinor: -BigInt(balanceMinor),
              }),
              currency,
            )}
            {reservedMinor === "0" ? null : (
              <small>
                {" "}
                {moneyText(
                  decimalOf({ currency, amountMinor: BigInt(reservedMinor) }),
                  currency,
                )} set aside
              </small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What a wallet can pay now: what it holds less what is set aside. */
export function availableMinor(accounts: readonly LedgerAccount[], currency: string): bigint {
  const wallet = accounts.find((account) =>
    account.kind === "wallet" && account.currency === currency
  );
  return wallet ? BigInt(wallet.balanceMinor) - BigInt(wallet.reservedMinor) : 0n;
}
