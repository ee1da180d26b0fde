import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import type { State } from "../define.ts";
import { SitePage } from "./SitePage.tsx";

/** Asks for the invite code of a competition that the viewer may not see yet; names nothing of it. */
export function InviteDoor({ state, url, slug }: { state: State; url: URL; slug: string }) {
  const path = `/c/${slug}`;
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        <PageHead title="By invitation" sub="Only people with its code see this competition." />
        <div class="card card-body stack">
          {state.account
            ? (
              <form class="form" method="get" action={`${path}/join`}>
                <div class="field">
                  <label for="inviteCode">Invite code</label>
                  <input
                    class="input"
                    id="inviteCode"
                    name="inviteCode"
                    required
                    autocomplete="off"
                    spellcheck={false}
                  />
                  <p class="hint">
                    Whoever invited you has it. With it you see what joining takes.
                  </p>
                </div>
                <div class="actions">
                  <button type="submit" class="button primary">Go on</button>
                </div>
              </form>
            )
            : (
              <div class="actions">
                <a class="button primary" href={`/sign-in?next=${path}`}>
                  <Icon name="enter" /> Sign in to use your code
                </a>
                <a class="button" href={`/register?next=${path}`}>Make an account</a>
              </div>
            )}
        </div>
      </div>
    </SitePage>
  );
}
