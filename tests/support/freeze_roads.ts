/** What anybody can see of a competition, road by road, so that a test can tell whether it moved. */

import { assert } from "@std/assert";
import type { ApiDocument } from "@/components/docs/api_document.ts";
import type { Answer, TestApp } from "./app.ts";

/** Who is not staff: nobody, others who take part, people with other rights, an app. */
export type Tokens = Readonly<Record<string, string | undefined>>;

/** Figures of the node itself, which its operators read, move with every request. */
const OF_THE_NODE = /^\/(metrics|health|api\/v1\/admin\/(overview|jobs))/;
/** An endless answer, looked at by its first frame. */
const ENDLESS = /\/stream$/;
/** What only the request decides. */
const OF_THE_REQUEST = ["x-request-id", "traceparent", "server-timing"];

/** Each GET of the API's document, its path parameters filled in. */
export async function documentRoads(
  test: TestApp,
  fill: (path: string) => readonly string[],
): Promise<string[]> {
  const { body }: { body: ApiDocument } = await test.call("GET", "//openapi.json");
  const paths = Object.entries(body.paths ?? {})
    .filter(([path, item]) => "get" in item && !OF_THE_NODE.test(path) && !ENDLESS.test(path))
    .map(([path]) => path);
  assert(paths.length > 20);
  return [...new Set(paths.flatMap(fill))];
}

/** One answer as a text, without what only its request decides. */
export async function look(
  test: TestApp,
  road: string,
  token: string | undefined,
): Promise<string> {
  const { status, headers, body }: Answer = await test.call(
    "GET",
    road,
    token === undefined ? {} : { token },
  );
  for (const name of OF_THE_REQUEST) headers.delete(name);
  // A refusal names its request.
  if (body?.error) delete body.error.requestId;
  const text = typeof body === "string" ? withoutChance(body) : JSON.stringify(body);
  return JSON.stringify([status, [...headers].sort(), text]);
}

/** Pages carry a nonce or token that is new in every answer. */
function withoutChance(page: string): string {
  return page.replace(/[A-Za-z0-9_-]{32,}/g, "…").replace(/[0-9a-f-]{36}(?=<\/code>)/g, "…");
}

/** The answers of all roads to everybody who is not staff. */
export async function lookEverywhere(
  test: TestApp,
  roads: readonly string[],
  tokens: Tokens,
): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  for (const [who, token] of Object.entries(tokens)) {
    for (const road of roads) seen.set(`${who} ${road}`, await look(test, road, token));
  }
  return seen;
}
