/** What a row of the table of figures is made of. */

import type { AthleteSubject } from "./athlete_subject.ts";
import type { JoinSubject } from "./join_subject.ts";
import type { BoardSubject, Subject } from "./subjects.ts";

/** Starts what rows measure, once for all rows that ask for the same. */
export interface Stage {
  /** The product with a board of so many members, on a PostgreSQL of its own that keeps every commit. */
  board(members: number): Promise<BoardSubject>;
  /** The same with people who have money and competitions that nobody has joined. */
  joins(): Promise<JoinSubject>;
  /** The same with a competition of activity that so many have joined. */
  athletes(members: number): Promise<AthleteSubject>;
}

/** One kind of request. */
export interface LoadRow {
  /** As the table calls it. */
  name: string;
  connections: number;
  /** Things that one request does, e.g. updates of a batch: the figures are for one of them. */
  perRequest?: number;
  /** A status that is no fault besides 2xx. */
  alsoGood?: number;
  prepare(stage: Stage): Promise<{ subject: Subject; next: () => Uint8Array }>;
}

const encoder = new TextEncoder();

/** The bytes of a request of HTTP/1.1. */
export function requestBytes(
  start: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): Uint8Array {
  const fields = Object.entries({ host: "localhost", ...headers }).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  const length = body === "" ? "" : `content-length: ${body.length}\r\n`;
  return encoder.encode(`${start} HTTP/1.1\r\n${fields.join("")}${length}\r\n${body}`);
}
