import type { Account } from "@/contracts/auth.ts";
import { Avatar } from "../Avatar.tsx";
import { roleName } from "../Badge.tsx";
import { CsrfField } from "../Field.tsx";
import { Icon } from "../Icon.tsx";
import { isFinanceRole, isReviewerRole, isStaffRole } from "./navigation.ts";

/** Name, pages of one's own and sign-out; opens without script. */
export function AccountMenu({ account, csrfToken }: { account: Account; csrfToken: string }) {
  return (
    <details class="account">
      <summary>
        <Avatar id={account.id} name={account.name} />
        <span class="account-name">
          <b>{account.name}</b>
          <span>{roleName(account.role)}</span>
        </span>
        <span class="account-caret">
          <Icon name="caret" small />
        </span>
      </summary>
      <div class="account-menu">
        {isStaffRole(account.role)
          ? (
            <a href="/admin">
              <Icon name="gauge" small /> Panel
            </a>
          )
          : null}
        <a href="/me">
          <Icon name="person" small /> My page
        </a>
        <a href="/me/wallet">
          <Icon name="wallet" small /> Wallet
        </a>
        <a href="/me/notices">
          <Icon name="bell" small /> Notices
        </a>
        <a href="/me/profile">
          <Icon name="sliders" small /> Profile and password
        </a>
        <a href="/me/activities">
          <Icon name="clock" small /> My sessions
        </a>
        <a href="/me/reviews">
          <Icon name="review" small /> My reviews
        </a>
        {isReviewerRole(account.role)
          ? (
            <a href="/admin/reviews">
              <Icon name="review" small /> Review queue
            </a>
          )
          : null}
        {isFinanceRole(account.role) ? <FinanceLinks /> : null}
        {account.role === "admin"
          ? (
            <a href="/admin/audit">
              <Icon name="scroll" small /> Audit log
            </a>
          )
          : null}
        <form method="post" action="/sign-out">
          <CsrfField token={csrfToken} />
          <button type="submit">
            <Icon name="out" small /> Sign out
          </button>
        </form>
      </div>
    </details>
  );
}

function FinanceLinks() {
  return (
    <>
      <a href="/admin/orders">
        <Icon name="wallet" small /> Orders
      </a>
      <a href="/admin/ledger">
        <Icon name="ledger" small /> Ledger
      </a>
    </>
  );
}
