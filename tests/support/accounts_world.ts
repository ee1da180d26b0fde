/** People who register and sign in, on nodes that share a test database and a clock. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Registration } from "@/contracts/auth.ts";
import type { Database } from "@/db/client.ts";
import { DomainError, type ErrorCode } from "@/domain/error.ts";
import { type AccountsNode, createAccountsNode } from "./accounts.ts";
import { openTestDatabase } from "./database.ts";
import { createManualTime, type ManualTime } from "./manual_time.ts";

/** Strong enough to register with. */
export const PASSWORD = "tundra-lantern-42-orbit";
/** Somebody new. */
export const MIRA: Registration = { email: "mira@example.org", password: PASSWORD, name: "Mira" };
/** Where she signs in. */
export const HOME = { requestId: "r1", address: "192.0.2.1", userAgent: "test" };
/** Where a stranger does. */
export const ELSEWHERE = { requestId: "r2", address: "198.51.100.9" };

/** A node and what it stands on. */
export interface World extends AsyncDisposable, AccountsNode {
  database: Database;
  time: ManualTime;
}

/** A database of its own, a clock that stands still, and one node. */
export async function openWorld(): Promise<World> {
  const test = await openTestDatabase();
  const time = createManualTime();
  const node = createAccountsNode(test.database, time);
  const dispose = () => test[Symbol.asyncDispose]();
  return { ...node, database: test.database, time, [Symbol.asyncDispose]: dispose };
}

/** Fails unless the work is refused with the code. */
export async function assertFails(
  run: () => Promise<unknown>,
  code: ErrorCode,
): Promise<DomainError> {
  const error = await assertRejects(run, DomainError);
  assertEquals(error.code, code);
  return error;
}
