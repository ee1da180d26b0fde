import type { JoinSubject } from "../join_subject.ts";
import { requestBytes } from "../row.ts";
import type { LoadRow } from "../row.ts";

/** What one transaction here writes. */
const POSTINGS = 2;

/**
 * Postings of the ledger, one transaction a request, each with its audit row and the notice of whom
 * it is for: from one wallet to the next, so that hardly two meet in an account.
 */
export const posting: LoadRow = {
  name: "posting of the ledger",
  connections: 32,
  perRequest: POSTINGS,
  prepare: async (stage) => movesOf(await stage.joins()),
};

function movesOf(subject: JoinSubject) {
  const { financeToken, userIds } = subject;
  let moves = 0;
  return {
    subject,
    next() {
      const [from, to] = [0, 1].map((step) => userIds[(moves + step) % userIds.length]!);
      moves += 1;
      const headers = {
        "authorization": `Bearer ${financeToken}`,
        "content-type": "application/json",
      };
      const wallet = (userId: string | undefined) => ({ kind: "wallet", userId });
      const body = JSON.stringify({
        ...{ from: wallet(from), to: wallet(to), currency: "EUR", amountMinor: "1" },
        ...{ reason: "Load", reference: `load-${moves}-${from}` },
      });
      return requestBytes("POST /api/v1/admin/ledger/adjustments", headers, body);
    },
  };
}
