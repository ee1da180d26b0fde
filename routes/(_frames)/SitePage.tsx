import type { ComponentChildren } from "preact";
import { pageShortcuts } from "@/components/frame/page_shortcuts.ts";
import { SiteFrame } from "@/components/frame/SiteFrame.tsx";
import LocalTimes from "@/islands/LocalTimes.tsx";
import Shortcuts from "@/islands/Shortcuts.tsx";
import type { State } from "../define.ts";

/** The public site round a page. */
export function SitePage(
  { state, url, hero, isWide, children }: {
    state: State;
    url: URL;
    hero?: ComponentChildren;
    isWide?: boolean;
    children: ComponentChildren;
  },
) {
  const { account, csrfToken, flash, view } = state;
  return (
    <SiteFrame
      account={account}
      csrfToken={csrfToken}
      flash={flash}
      pathname={url.pathname}
      hero={hero}
      isWide={isWide ?? false}
      tools={<Shortcuts pages={pageShortcuts(account?.role)} />}
    >
      {children}
      {view.isChosen ? null : <LocalTimes locale={view.locale} />}
    </SiteFrame>
  );
}
