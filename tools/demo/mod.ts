/** The demo of a first run: an admin to sign in as, data to look at, and a board that moves. */

import type { Database } from "@/db/client.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import type { Timers } from "@/platform/timers.ts";
import type { Services } from "@/services/mod.ts";
import { SYSTEM } from "./athletes.ts";
import { type PaidStoryDeps, settlePaidStory } from "./paid_story.ts";
import { seedDemo } from "./seed.ts";
import { startSimulator } from "./simulator.ts";

export interface DemoDeps {
  database: Database;
  services:
    & Pick<Services, "accounts" | "boards" | "competitions" | "fitness">
    & PaidStoryDeps["services"];
  clock: Clock;
  timers: Timers;
  newId: IdGenerator;
}

/** A demo that runs until it is disposed. */
export interface Demo extends AsyncDisposable {
  /** Path of a one-time sign-in link for the admin, who has no password. */
  signInPath: string;
}

/** Makes the demo data where there is nothing yet, and starts the simulator. */
export async function startDemo(deps: DemoDeps): Promise<Demo> {
  const log = getLog("demo");
  const { adminId } = await seedDemo({ ...deps, log });
  // The demo is worth a start without its end.
  await settlePaidStory(deps, adminId).catch((error) => {
    log.warning("Cannot finish the demo's paid competition", { error });
  });
  const { token } = await deps.services.accounts.createSignInLink(SYSTEM, adminId);
  const simulator = startSimulator({ ...deps, log, random: Math.random });
  return {
    signInPath: `/sign-in/link?token=${encodeURIComponent(token)}`,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}
