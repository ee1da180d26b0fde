import type { LedgerLine } from "@/contracts/ledger.ts";
import type { z } from "zod";
import { ACCOUNT_TEXT } from "./ledger_text.ts";

type Account = z.infer<typeof LedgerLine>["account"];

/** Names by id. */
interface Names {
  users: ReadonlyMap<string, string>;
  competitions: ReadonlyMap<string, string>;
}

/** Whose account it is; empty for the platform's own. */
export function ownerText(account: Account, names: Names): string {
  const { userId, competitionId, orderId, gateway } = account;
  if (userId !== null) return names.users.get(userId) ?? userId;
  if (competitionId !== null) return names.competitions.get(competitionId) ?? competitionId;
  return orderId === null ? gateway ?? "" : `Order ${orderId}`;
}

/** Kind and owner of an account, linked to its statement. */
export function AccountName({ account, names }: { account: Account; names: Names }) {
  const owner = ownerText(account, names);
  return (
    <>
      <a href={`/admin/ledger/accounts/${account.id}`}>{ACCOUNT_TEXT[account.kind]}</a>
      {owner ? <span class="under">{owner}</span> : null}
    </>
  );
}
