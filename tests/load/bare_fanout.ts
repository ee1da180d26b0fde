/**
 * The least that sending to many sockets costs: the same text to all of them ten times a second,
 * and nothing else. Prints its port.
 */

const sockets: WebSocket[] = [];
let offset = 0;

/** As long as a delta of one row. */
const FILLER = "x".repeat(200);

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  async onListen({ port }) {
    await Deno.stdout.write(new TextEncoder().encode(`${port}\n`));
  },
}, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return new Response("hello");
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => {
    socket.send(`{"type":"snapshot","offset":${offset}}`);
    sockets.push(socket);
  };
  return response;
});

setInterval(() => {
  const reachedAt = new Date().toISOString();
  const head = `"type":"delta","from":${offset},"offset":${++offset}`;
  const text = `{${head},"reachedAt":"${reachedAt}","x":"${FILLER}"}`;
  for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(text);
}, 100);
