import { page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import { ConnectedProvider, type Connection } from "@/contracts/connections.ts";
import { define, type State } from "../../define.ts";
import { textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";

const PATH = "/me/connections";

/** What the callback sends people back with. */
const OUTCOMES = {
  connected: { tone: "good", text: "Connected. What is there arrives within minutes." },
  declined: { tone: "warn", text: "Not connected: the access that it needs was not given." },
  taken: { tone: "bad", text: "Not connected: that account is connected to another person here." },
  failed: { tone: "bad", text: "Not connected: it took too long or was refused. Try once more." },
} as const;

/** Why the last fetch did not succeed, for people. */
const FAULTS: Readonly<Record<string, string>> = {
  quota: "Its limit of calls is used up for now.",
  unavailable: "It could not be reached.",
  refused: "It answered in a way that is not understood.",
  "key_lost": "This server has lost the key to it.",
  revoked: "The access was taken back there, or it ended.",
};

export const handler = define.handlers({
  async GET({ state: { services, actor }, url }) {
    const [outcome] = Object.entries(OUTCOMES)
      .flatMap(([name, shown]) => url.searchParams.has(name) ? [shown] : []);
    return page({ outcome, connections: await services.connections.list(actor) });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const provider = ConnectedProvider.safeParse(textOf(form, "provider"));
    if (!provider.success) return seeOther(ctx, PATH);
    let address = PATH;
    const refusal = await refusalOf(async () => {
      address = (await services.connections.connect(actor, provider.data)).authorizationUrl;
    });
    if (refusal) return seeOther(ctx, PATH, { tone: "bad", text: refusal.message });
    // A page, not a redirect: a form may only lead to this site (CSP), a link anywhere.
    return page({ address, provider: provider.data });
  },
});

export default define.page<typeof handler>(function Connections({ data, state }) {
  if ("address" in data) return <Leave address={data.address} provider={data.provider} />;
  const { connections, outcome } = data;
  return (
    <div class="narrow">
      <PageHead
        title="Connections"
        sub="Clouds that your activity is fetched from. Files need none of this."
        crumbs={[{ href: "/me", label: "My page" }]}
      >
        <a class="button" href="/me/upload">
          <Icon name="upload" /> Upload a file
        </a>
      </PageHead>
      <div class="stack">
        {outcome
          ? (
            <p class="notice" data-tone={outcome.tone} role="status">
              <span>{outcome.text}</span>
            </p>
          )
          : null}
        {connections.map((one) => <Card key={one.provider} connection={one} state={state} />)}
      </div>
    </div>
  );
});

const STATES = {
  active: <Badge tone="good">Connected</Badge>,
  "needs_reconnect": <Badge tone="warn">Connect again</Badge>,
} as const;

function Card({ connection, state }: { connection: Connection; state: State }) {
  const { provider, title, status, isAvailable } = connection;
  const headingId = `connection-${provider}`;
  return (
    <section class="card" aria-labelledby={headingId}>
      <div class="card-head">
        <h2 id={headingId}>{title}</h2>
        {status === null ? null : STATES[status]}
      </div>
      <div class="card-body stack">
        <Story connection={connection} state={state} />
        {provider === "strava"
          ? (
            <p class="muted small">
              Scores made of it show on boards that others see. Activities that only you can see at
              Strava are not fetched.
            </p>
          )
          : null}
        <div class="actions">
          {isAvailable && status !== "active"
            ? (
              <form method="post" action={PATH}>
                <CsrfField token={state.csrfToken} />
                <input type="hidden" name="provider" value={provider} />
                <button type="submit" class="button primary">
                  Connect {title}
                  {status === null ? "" : " again"}
                </button>
              </form>
            )
            : null}
          {status === null
            ? null
            : <a class="button" href={`${PATH}/${provider}`}>Disconnect {title}</a>}
        </div>
      </div>
    </section>
  );
}

/** How it stands: when it was fetched, and what keeps it from being fetched. */
function Story({ connection, state: { view } }: { connection: Connection; state: State }) {
  const { status, isAvailable, connectedAt, lastPullAt, fault } = connection;
  if (status === null) {
    return (
      <p>
        {isAvailable
          ? "Not connected. You agree on its own page, and can end it here or there at any time."
          : "This server is not set up for it."}
      </p>
    );
  }
  return (
    <>
      <p>
        Connected <TimeText at={connectedAt!} view={view} />
        {lastPullAt === null ? "; nothing was fetched yet." : (
          <>
            ; last fetched <TimeText at={lastPullAt} view={view} />.
          </>
        )}
      </p>
      {fault === null ? null : (
        <p class="notice" data-tone="warn">
          <span>
            {FAULTS[fault] ?? "The last fetch did not succeed."}{" "}
            {status === "active" ? "It is tried again later." : "Connect again to go on."}
          </span>
        </p>
      )}
    </>
  );
}

function Leave({ address, provider }: { address: string; provider: ConnectedProvider }) {
  return (
    <div class="narrow">
      <PageHead title="Agree there" crumbs={[{ href: PATH, label: "Connections" }]} />
      <section class="card">
        <div class="card-body stack">
          <p>
            You leave for{" "}
            {new URL(address).host}, sign in there and agree. It sends you back here. The way is
            open for ten minutes.
          </p>
          <div class="actions">
            <a class="button primary" href={address} rel="noreferrer" data-provider={provider}>
              Go on to {new URL(address).host}
            </a>
            <a class="button" href={PATH}>Stay here</a>
          </div>
        </div>
      </section>
    </div>
  );
}
