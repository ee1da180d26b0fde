/** Where a payer goes after an order was placed. */

import type { Context } from "fresh";
import type { PlacedOrder } from "@/contracts/orders.ts";
import type { State } from "./define.ts";
import { seeOther } from "./page_answer.ts";

/**
 * To the page where it is paid when that is on this site; else to the order, which links there:
 * browsers let no form lead to another site.
 */
export function toPayment(ctx: Context<State>, placed: PlacedOrder): Response {
  const payUrl = placed.payment?.payUrl ?? null;
  const own = payUrl && pathHere(payUrl, [ctx.state.publicUrl, ctx.url.origin]);
  return seeOther(ctx, own || `/me/wallet/orders/${placed.id}`);
}

/** Path of an address on one of the origins; undefined elsewhere. */
export function pathHere(address: string, origins: readonly string[]): string | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isHere = url && origins.some((origin) => new URL(origin).origin === url.origin);
  return isHere ? url.pathname + url.search : undefined;
}
