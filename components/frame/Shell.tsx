import type { ComponentChildren } from "preact";
import type { Account } from "@/contracts/auth.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Brand } from "./Brand.tsx";
import { Flash, type FlashMessage } from "../Flash.tsx";
import { Icon } from "../Icon.tsx";
import { currentHref, navigationFor, type NavItem } from "./navigation.ts";

/** The panel's frame: menu at the side, or at the bottom of a phone. */
export function Shell(
  { account, csrfToken, flash, pathname, reviewsWaiting, noticesUnread, tools, children }: {
    account: Account;
    csrfToken: string;
    flash: FlashMessage | null;
    pathname: string;
    /** Reviews that wait for the viewer's decision. */
    reviewsWaiting: number;
    /** Notices that the viewer has not read. */
    noticesUnread: number;
    /** Islands that every page has. */
    tools?: ComponentChildren;
    children: ComponentChildren;
  },
) {
  const groups = navigationFor(account.role, reviewsWaiting, noticesUnread);
  const current = currentHref(groups, pathname);
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to content</a>
      <header class="side">
        <Brand href={groups.length > 1 ? "/admin" : "/me"} />
        <nav class="side-nav" aria-label="Main">
          {groups.map(({ title, items }) => (
            <>
              <p class="side-title">{title}</p>
              <ul class="plain">
                {items.map((item) => (
                  <NavEntry key={item.href} item={item} isCurrent={item.href === current} />
                ))}
              </ul>
            </>
          ))}
        </nav>
        {tools}
        <AccountMenu account={account} csrfToken={csrfToken} />
      </header>
      <main id="main" class="content" tabIndex={-1}>
        <Flash message={flash} />
        {children}
      </main>
    </div>
  );
}

/** More makes no difference, and would not fit. */
const COUNT_MAX = 99;

function NavEntry({ item, isCurrent }: { item: NavItem; isCurrent: boolean }) {
  return (
    <li data-minor={item.isMinor ? "" : undefined}>
      <a class="side-link" href={item.href} aria-current={isCurrent ? "page" : undefined}>
        <Icon name={item.icon} />
        {item.label}
        {item.waiting
          ? (
            <span class="side-count">
              {item.waiting > COUNT_MAX ? `${COUNT_MAX}+` : item.waiting}
              <span class="hidden-text">waiting</span>
            </span>
          )
          : null}
      </a>
    </li>
  );
}
