import { Icon } from "@/components/Icon.tsx";
import { PageTitle } from "@/components/PageTitle.tsx";
import { SiteFrame } from "@/components/frame/SiteFrame.tsx";
import { DomainError } from "@/domain/error.ts";
import { define, type State } from "./define.ts";

interface Words {
  title: string;
  text: string;
}

const BY_STATUS: Record<number, Words> = {
  400: { title: "That could not be read", text: "Open the page again and send it once more." },
  401: { title: "Sign in first", text: "This page is for people who are signed in." },
  403: { title: "This is not yours to open", text: "Your account may not do this." },
  404: { title: "No such page", text: "The address leads nowhere, or what it showed is gone." },
  405: { title: "Not this way", text: "The page exists, but it cannot be used like that." },
  409: { title: "That cannot be done now", text: "Things have changed since the page was made." },
  413: { title: "Too large", text: "What was sent is over the limit." },
  415: { title: "That could not be read", text: "The page takes its own form only." },
  429: { title: "A moment, please", text: "Too many requests in a short time. Try again soon." },
  503: { title: "Back in a moment", text: "The server cannot answer right now. Try again soon." },
};
const OTHER: Words = {
  title: "Something failed on our side",
  text: "The failure was recorded. Trying again may help.",
};

/** What may be told of a failure: refusals explain themselves, faults of ours do not. */
function wordsOf(status: number, error: unknown): Words {
  const words = BY_STATUS[status] ?? OTHER;
  if (!(error instanceof DomainError) || status >= 500 || status === 404) return words;
  return { ...words, text: `${error.message}.` };
}

export default define.page(function ErrorPage({ data, error, state, url }) {
  const { status } = data as unknown as { status: number };
  const { title, text } = wordsOf(status, error);
  // A failure before the state was made still gets its page.
  const { account = null, csrfToken = "", requestId = "" }: Partial<State> = state;
  return (
    <SiteFrame account={account} csrfToken={csrfToken} flash={null} pathname={url.pathname}>
      <PageTitle title={title} />
      <div class="lost">
        <p class="lost-code">{status}</p>
        <h1>{title}</h1>
        <p>{text}</p>
        <div class="actions">
          {account
            ? null
            : (
              <a class="button primary" href={`/sign-in?next=${encodeURIComponent(url.pathname)}`}>
                <Icon name="enter" /> Sign in
              </a>
            )}
          <a class="button" href="/">
            <Icon name="left" /> To the competitions
          </a>
        </div>
        {requestId && status >= 500 ? <p class="small">Request {requestId}</p> : null}
      </div>
    </SiteFrame>
  );
});
