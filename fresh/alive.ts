/** Where a page in development asks whether the server is still the one that made it. */
export const ALIVE_PATH = "/_fresh/alive";

/** Names this process: the watcher starts another one after a change. */
const startedAt = String(performance.timeOrigin);

/** One event, then the end: the browser asks again by itself, and no open stream delays a shutdown. */
export function aliveResponse(): Response {
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(`retry: 500\ndata: ${startedAt}\n\n`, { headers });
}
