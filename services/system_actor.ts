/** The product itself where it acts by rule: by the clock, or where it moves money. */

import type { SystemActor } from "@/domain/actor.ts";

/** Nobody asked; the clock did. */
export const SYSTEM_SCHEDULE: SystemActor = {
  kind: "system",
  name: "schedule",
  requestId: null,
  address: null,
};

/** Nobody asked; a rule did. */
export const SYSTEM_MONEY: SystemActor = {
  kind: "system",
  name: "money",
  requestId: null,
  address: null,
};
