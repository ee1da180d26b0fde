import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { Account } from "@/contracts/auth.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Brand } from "./Brand.tsx";
import { Flash, type FlashMessage } from "../Flash.tsx";
import { isStaffRole } from "./navigation.ts";
import { SiteName } from "./site_name.ts";

/** The public site's frame. `hero` goes from edge to edge above the page. */
export function SiteFrame(
  { account, csrfToken, flash, pathname, hero, tools, isWide = false, children }: {
    account: Account | null;
    csrfToken: string;
    flash: FlashMessage | null;
    pathname: string;
    hero?: ComponentChildren;
    tools?: ComponentChildren;
    /** The page brings its own full-width layout. */
    isWide?: boolean;
    children: ComponentChildren;
  },
) {
  const link = (href: string, label: string) => (
    <a class="top-link" href={href} aria-current={pathname === href ? "page" : undefined}>
      {label}
    </a>
  );
  return (
    <div class="site">
      <a class="skip" href="#main">Skip to content</a>
      <header class="top">
        <Brand href="/" />
        <nav aria-label="Main">
          {link("/", "Competitions")}
          {account && isStaffRole(account.role) ? link("/admin", "Panel") : null}
          {account ? link("/me", "My page") : null}
          {account ? null : link("/sign-in", "Sign in")}
          {account ? null : <a class="button volt top-join" href="/register">Join</a>}
        </nav>
        {account ? <AccountMenu account={account} csrfToken={csrfToken} /> : null}
      </header>
      <main id="main" class={isWide || hero ? "site-wide" : "site-main"} tabIndex={-1}>
        {hero}
        {isWide ? children : (
          <div class={hero ? "site-main" : undefined}>
            <Flash message={flash} />
            {children}
          </div>
        )}
      </main>
      <footer class="foot">
        <span>{useContext(SiteName)} – live boards for fitness competitions</span>
        <a href="/docs">API reference</a>
        {tools}
      </footer>
    </div>
  );
}
