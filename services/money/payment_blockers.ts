/** Entries that are paid and not entered yet keep a result from being final. */

import type { FinaliseBlockers } from "../steering/lifecycle.ts";

/** They are entered or given back within a minute, unless something is broken. */
export const paymentBlockers: FinaliseBlockers = async (sql, { id }) => {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from orders
    where competition_id = ${id} and kind = 'entry' and status = 'paid'`;
  const count = row?.count ?? 0;
  if (count === 0) return [];
  const entries = count === 1 ? "1 paid entry is" : `${count} paid entries are`;
  const message = `${entries} neither entered nor refunded`;
  return [{ code: "unfinished_payments", message, count }];
};
