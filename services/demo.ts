/**
 * Demo data: made once on the first run, marked everywhere, removed in one click.
 *
 * @module
 */

import type { Actor } from "@/domain/actor.ts";

export interface DemoService {
  /** Whether demo data is there. */
  exists(): Promise<boolean>;
  /** Removes every demo user, competition, log and activity in one transaction; admins only, audited. */
  remove(actor: Actor): Promise<{ users: number; competitions: number }>;
}
