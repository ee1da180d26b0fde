import type { CallResult } from "./api_call.ts";

/** An answer of the server: status, time, head and body. */
export function ApiAnswer(
  { result, onToken }: { result: CallResult; onToken(accessToken: string): void },
) {
  const { status, statusText, elapsedMs, headers, text, accessToken } = result;
  const help = helpIn(headers);
  return (
    <div class="answer">
      <p class="row">
        <span class="status" data-tone={toneOf(status)}>{status} {statusText}</span>
        <span class="muted">{Math.round(elapsedMs)} ms</span>
        {help ? <a href={help}>What this code means</a> : null}
        {accessToken
          ? (
            <button type="button" class="button" onClick={() => onToken(accessToken)}>
              Use this token
            </button>
          )
          : null}
      </p>
      <details class="more">
        <summary>{headers.length} header fields</summary>
        <pre tabIndex={0} role="group" aria-label="Header fields"><code>
          {headers.map(([name, value]) => `${name}: ${value}`).join("\n")}
        </code></pre>
      </details>
      {text ? <pre tabIndex={0} role="group" aria-label="Body"><code>{text}</code></pre> : null}
    </div>
  );
}

function toneOf(status: number): string {
  if (status < 300) return "good";
  return status < 500 ? "warn" : "bad";
}

/** The page that the Link field of a failure names. */
function helpIn(headers: [string, string][]): string | undefined {
  const link = headers.find(([name]) => name === "link")?.[1];
  return link?.match(/<(\/docs\/errors\/[A-Z_]+)>/)?.[1];
}
