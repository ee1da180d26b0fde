import { page } from "fresh";
import { PageHead } from "@/components/PageHead.tsx";
import { PlainText } from "@/components/PlainText.tsx";
import { socketClientSample } from "@/components/docs/socket_samples.ts";
import { CLOSE_HELP } from "@/contracts/close_help.ts";
import { CLIENT_FRAME_SAMPLES, SERVER_FRAME_SAMPLES } from "@/contracts/frame_samples.ts";
import { CLOSE_CODES, WINDOW_DEFAULT, WINDOW_MAX } from "@/contracts/leaderboard.ts";
import CopyCode from "@/islands/CopyCode.tsx";
import { define } from "../define.ts";

/** What each frame means; the samples carry the rest. */
const SERVER_FRAMES: Record<keyof typeof SERVER_FRAME_SAMPLES, string> = {
  snapshot: "The whole window. Comes first, after `subscribe`, and where a gap cannot be replayed.",
  delta: "What changed since `from`. Apply it only where `from` is your offset: put every row in " +
    "place of the one with its `participantId`, drop `removed`, then your offset is `offset`.",
  state: "The phase changed, or the public board was frozen or moves again.",
  announcement: "Words of the organiser, for everybody who watches.",
  error: "A frame of yours was not understood. The socket stays open.",
  pong: "The answer to `ping`.",
};

const CLIENT_FRAMES: Record<keyof typeof CLIENT_FRAME_SAMPLES, string> = {
  subscribe:
    `Another window: \`top\` from 1 to ${WINDOW_MAX}, or \`"around": "me"\`; with \`division\` of that division alone.`,
  resume: "What you have. The server replays the gap, or sends a snapshot.",
  ping: "Asks for a `pong`, to know that the connection lives.",
};

export const handler = define.handlers({ GET: () => page() });

export default define.page(function SocketPage({ state }) {
  const address = `${state.publicUrl.replace(/^http/, "ws")}/ws/leaderboard/{competitionId}`;
  return (
    <div class="docs-page">
      <PageHead
        title="Live socket"
        sub="A board as it moves: a snapshot first, then only what changed, at most ten times a second."
      />
      <div class="socket">
        <section aria-labelledby="connect">
          <h2 id="connect">Connect</h2>
          <CopyCode title="Address" code={address} />
          <div class="prose">
            <p>
              The id may be the competition’s slug. Public boards need no token; for others add{" "}
              <code>?token=</code>{" "}
              with an access token, because a browser’s socket cannot send headers. Pages of this
              server use their session cookie instead.
            </p>
            <p>
              You get the first {WINDOW_DEFAULT} rows unless you ask with <code>?top=</code>. With
              {" "}
              <code>?epoch=</code> and <code>?offset=</code>{" "}
              you get only what came since: that is how to come back after a break.
            </p>
            <p>
              The server pings every 25 seconds on the protocol’s own level, which browsers answer
              by themselves. Where sockets do not get through, the same frames come as server-sent
              events from{" "}
              <a href="/docs#streamBoard">
                <code>GET /api/v1/leaderboard/…/stream</code>
              </a>.
            </p>
            <p>
              The exact schemas stand in <a href="/asyncapi.json">asyncapi.json</a>.
            </p>
          </div>
        </section>
        <Frames
          id="server"
          title="Frames you get"
          meanings={SERVER_FRAMES}
          samples={SERVER_FRAME_SAMPLES}
        />
        <Frames
          id="client"
          title="Frames you may send"
          meanings={CLIENT_FRAMES}
          samples={CLIENT_FRAME_SAMPLES}
        />
        <Order />
        <CloseCodes />
        <section aria-labelledby="example">
          <h2 id="example">A whole client</h2>
          <CopyCode title="JavaScript" code={socketClientSample(state.publicUrl)} />
        </section>
      </div>
    </div>
  );
});

function Frames(
  { id, title, meanings, samples }: {
    id: string;
    title: string;
    meanings: Readonly<Record<string, string>>;
    samples: Readonly<Record<string, object>>;
  },
) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {Object.entries(meanings).map(([type, meaning]) => (
        <div key={type} class="frame" id={`frame-${type}`}>
          <div>
            <h3>
              <code>{type}</code>
            </h3>
            <p>
              <PlainText text={meaning} />
            </p>
          </div>
          <div class="sample">
            <pre tabIndex={0} role="group" aria-label={`Sample of ${type}`}><code>
              {JSON.stringify(samples[type], null, 2)}
            </code></pre>
          </div>
        </div>
      ))}
    </section>
  );
}

function Order() {
  return (
    <section aria-labelledby="order" class="prose">
      <h2 id="order">Where a row stands</h2>
      <p>
        Rows carry no place: sort by{" "}
        <code>rank</code>, then rows without a rank, then the disqualified, and within each by{" "}
        <code>participantId</code>. That is the order of the board, whatever order the rows came in.
      </p>
      <p>
        <code>epoch</code> and <code>offset</code>{" "}
        name the state of the board, here, in the REST answers and in their{" "}
        <code>ETag</code>. Offsets rise with the competition’s log; another epoch means that yours
        say nothing any more and a snapshot follows. A slow reader misses states in between, never
        the last one.
      </p>
    </section>
  );
}

function CloseCodes() {
  return (
    <section class="card" aria-labelledby="close">
      <div class="card-head">
        <h2 id="close">Close codes</h2>
      </div>
      <div class="table-wrap">
        <table class="table blocks">
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Cause</th>
              <th scope="col">What to do</th>
              <th scope="col">Connect again</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(CLOSE_CODES).map(([name, code]) => {
              const { cause, fix, retry } = CLOSE_HELP[name as keyof typeof CLOSE_CODES];
              return (
                <tr key={name}>
                  <td>
                    <b>{code}</b> <code class="muted">{name}</code>
                  </td>
                  <td>{cause}</td>
                  <td>{fix}</td>
                  <td data-label="Connect again:">{retry}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
