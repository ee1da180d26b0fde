import { requestBytes } from "../row.ts";
import type { LoadRow, Stage } from "../row.ts";
import type { BoardSubject } from "../subjects.ts";

const CONNECTIONS = 32;
/** Where the cost of finding oneself would show. */
const MANY = 100_000;

/** The first hundred rows, with names. */
export const topHundred: LoadRow = {
  name: "top 100",
  connections: CONNECTIONS,
  prepare: (stage) => readOf(stage, 1_000, "", () => Promise.resolve({})),
};

/** The same while nothing has changed. */
export const notModified: LoadRow = {
  name: "304",
  connections: CONNECTIONS,
  alsoGood: 304,
  prepare: (stage) => readOf(stage, 1_000, "", knownTag),
};

/** The rows around oneself. */
export const aroundMe: LoadRow = {
  name: "around me of 100 k",
  connections: CONNECTIONS,
  prepare: (stage) => readOf(stage, MANY, "?around=me", () => Promise.resolve({})),
};

async function readOf(
  stage: Stage,
  members: number,
  query: string,
  more: (address: string, headers: Record<string, string>) => Promise<Record<string, string>>,
) {
  const board = await stage.board(members);
  const path = `/api/v1/leaderboard/${board.competitionId}${query}`;
  const headers = { authorization: `Bearer ${board.token}` };
  const address = `http://127.0.0.1:${board.port}${path}`;
  const bytes = requestBytes(`GET ${path}`, { ...headers, ...await more(address, headers) });
  return { subject: board satisfies BoardSubject, next: () => bytes };
}

async function knownTag(
  address: string,
  headers: Record<string, string>,
): Promise<Record<string, string>> {
  const answer = await fetch(address, { headers });
  await answer.body?.cancel();
  return { "if-none-match": answer.headers.get("etag") ?? "" };
}
