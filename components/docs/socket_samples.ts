/** A whole client of the socket, short enough to read and complete enough to use. */

/** The client's code for a server at `origin`. */
export function socketClientSample(origin: string): string {
  const url = `${origin.replace(/^http/, "ws")}/ws/leaderboard/spring-distance-cup`;
  return `const url = new URL("${url}");
let board; // { epoch, offset, rows: Map }
let attempt = 0;

function connect() {
  if (token) url.searchParams.set("token", token); // not needed while the board is public
  if (board) { // only what came since
    url.searchParams.set("epoch", board.epoch);
    url.searchParams.set("offset", board.offset);
  }
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => read(JSON.parse(data), socket);
  socket.onclose = ({ code }) => {
    if ([4401, 4403, 4404].includes(code)) return; // no use in trying again
    setTimeout(connect, Math.random() * Math.min(15_000, 500 * 2 ** attempt++));
  };
}

function read(frame, socket) {
  if (frame.type === "snapshot") {
    attempt = 0;
    const rows = new Map(frame.rows.map((row) => [row.participantId, row]));
    board = { epoch: frame.epoch, offset: frame.offset, rows };
  } else if (frame.type === "delta") {
    if (frame.from !== board.offset) { // a gap: ask for what is missing
      const { epoch, offset } = board;
      return socket.send(JSON.stringify({ type: "resume", epoch, offset }));
    }
    for (const id of frame.removed) board.rows.delete(id);
    for (const row of frame.rows) board.rows.set(row.participantId, row);
    board.offset = frame.offset;
  }
}

connect();`;
}
