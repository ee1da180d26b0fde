/** Who approved a result, in words. */

import type { ResultRevision } from "@/contracts/results.ts";

/** The name, or what approved it in the place of a person.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { approverText } from "@/components/board/approver_text.ts";
 *
 * assertEquals(approverText({ approvedBy: "Olga", approverKind: "user" }), "Olga");
 * assertEquals(approverText({ approvedBy: null, approverKind: "system" }), "the schedule");
 * ```
 */
export function approverText(
  { approvedBy, approverKind }: Pick<ResultRevision, "approvedBy" | "approverKind">,
): string {
  if (approvedBy !== null) return approvedBy;
  if (approverKind === "system") return "the schedule";
  return approverKind === "api_key" ? "an app" : "somebody who has left";
}
