/**
 * The audit log: one append-only row for every change by staff, in the same transaction.
 *
 * @module
 */

import type { AuditQuery, AuditRow } from "@/contracts/admin.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";

/** One change: what, to whom, from, to, why. */
export interface AuditEntry {
  /** Dotted verb, e.g. `competition.publish`. */
  action: string;
  targetKind: string;
  targetId: string | null;
  before?: unknown;
  after?: unknown;
  reason?: string | undefined;
}

export interface AuditService {
  /** Writes one row in the caller's transaction. */
  record(tx: Tx, actor: Actor, entry: AuditEntry): Promise<void>;
  /** Newest first; admins only. */
  list(actor: Actor, query: AuditQuery): Promise<Page<AuditRow>>;
}
