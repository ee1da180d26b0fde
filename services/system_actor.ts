/** The product itself where it moves money by rule: refunds, prizes, what a gateway reports. */

import type { SystemActor } from "@/domain/actor.ts";

/** Nobody asked; a rule did. */
export const SYSTEM_MONEY: SystemActor = {
  kind: "system",
  name: "money",
  requestId: null,
  address: null,
};
