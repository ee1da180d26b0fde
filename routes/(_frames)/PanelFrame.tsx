import type { ComponentChildren } from "preact";
import { pageShortcuts } from "@/components/frame/page_shortcuts.ts";
import { Shell } from "@/components/frame/Shell.tsx";
import LocalTimes from "@/islands/LocalTimes.tsx";
import Shortcuts from "@/islands/Shortcuts.tsx";
import type { State } from "../define.ts";

/** The panel round a page of somebody signed in. */
export function PanelFrame(
  { state, url, children }: { state: State; url: URL; children: ComponentChildren },
) {
  const { account, csrfToken, flash, view, reviewsWaiting, noticesUnread } = state;
  if (!account) return <>{children}</>;
  return (
    <Shell
      account={account}
      csrfToken={csrfToken}
      flash={flash}
      pathname={url.pathname}
      reviewsWaiting={reviewsWaiting}
      noticesUnread={noticesUnread}
      tools={<Shortcuts pages={pageShortcuts(account.role)} />}
    >
      {children}
      {view.isChosen ? null : <LocalTimes locale={view.locale} />}
    </Shell>
  );
}
