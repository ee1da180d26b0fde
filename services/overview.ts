/**
 * The live figures of the overview page: a ring of one-second readings of this node.
 *
 * @module
 */

import type { Overview } from "@/contracts/admin.ts";
import type { Actor } from "@/domain/actor.ts";

export interface OverviewService {
  /** Organisers, referees, finance and admins. */
  get(actor: Actor): Promise<Overview>;
}
