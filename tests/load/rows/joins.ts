import type { JoinSubject } from "../join_subject.ts";
import { requestBytes } from "../row.ts";
import type { LoadRow } from "../row.ts";

const CONNECTIONS = 32;

/** Joining: an entry in the log and a row of participants. */
export const freeJoin: LoadRow = {
  name: "join without fee",
  connections: CONNECTIONS,
  prepare: async (stage) => joinsOf(await stage.joins(), "freeIds"),
};

/** The same with an order, a charge from the wallet to the escrow, and a notice. */
export const paidJoin: LoadRow = {
  name: "join with fee",
  connections: CONNECTIONS,
  prepare: async (stage) => joinsOf(await stage.joins(), "paidIds"),
};

/** Everybody joins the first competition, then everybody the next: as popular ones are joined. */
function joinsOf(subject: JoinSubject, kind: "freeIds" | "paidIds") {
  const { tokens, [kind]: ids } = subject;
  let joined = 0;
  return {
    subject,
    next() {
      const id = ids[Math.floor(joined / tokens.length)];
      const token = tokens[joined++ % tokens.length]!;
      if (id === undefined) throw new RangeError("Cannot go on: everybody has joined everything");
      const headers = { "authorization": `Bearer ${token}`, "content-type": "application/json" };
      return requestBytes(`POST /api/v1/competitions/${id}/join`, headers, "{}");
    },
  };
}
