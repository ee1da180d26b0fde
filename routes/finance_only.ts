/** Pages of finance and admins. */

import { HttpError } from "fresh";
import { isFinanceRole } from "@/components/frame/navigation.ts";
import type { State } from "./define.ts";

/** Fails with 403 for other staff. */
export function financeOnly({ account }: State): void {
  if (account && isFinanceRole(account.role)) return;
  throw new HttpError(403, "Cannot open this page: it needs the role finance");
}
