import type { StatementLine } from "@/contracts/ledger.ts";
import { ACCOUNT_TEXT, TRANSACTION_TEXT } from "./ledger_text.ts";
import { changeText, moneyText } from "./money_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** The lines of a statement with the balance after each. */
export function StatementTable(
  { lines, competitions, view, hrefOf, isMixed = false }: {
    lines: readonly StatementLine[];
    /** Names by id. */
    competitions: ReadonlyMap<string, string>;
    view: Viewer;
    /** The page of a line's transaction; absent for those who may not open it. */
    hrefOf?: (line: StatementLine) => string;
    /** Whether the lines are of several accounts, whose kind is then said. */
    isMixed?: boolean;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">When</th>
          <th scope="col" class="num">Change</th>
          <th scope="col" class="num">Balance</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => {
          const text = TRANSACTION_TEXT[line.kind];
          const contest = line.competitionId && competitions.get(line.competitionId);
          return (
            <tr key={line.id}>
              <td>
                {hrefOf ? <a href={hrefOf(line)}>{text}</a> : <b>{text}</b>}
                {contest ? <span class="under">{contest}</span> : null}
                {line.reason ? <span class="under">“{line.reason}”</span> : null}
                {isMixed && line.account !== "wallet"
                  ? <span class="under">{ACCOUNT_TEXT[line.account]}</span>
                  : null}
              </td>
              <td data-label="When">
                <TimeText at={line.at} view={view} />
              </td>
              <td class="num" data-label="Change">{changeText(line.amount, line.currency)}</td>
              <td class="num" data-label="Balance">
                {moneyText(line.balanceAfter, line.currency)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
