/** People for tests: rows of users, and actors. */

import type { Database } from "@/db/client.ts";
import type { Actor, Role, UserActor } from "@/domain/actor.ts";

/** What a test cares about; the rest is made up. */
export interface TestUser {
  email?: string;
  name?: string;
  role?: Role;
  alias?: string;
  passwordHash?: string;
  isDemo?: boolean;
  createdAt?: number;
}

/** The product itself. */
export const SYSTEM: Actor = { kind: "system", name: "test", requestId: null, address: null };

/** Nobody. */
export const ANONYMOUS: Actor = { kind: "anonymous", requestId: null, address: null };

const CREATED_AT = Date.UTC(2026, 0, 1);

/** Inserts a user with a profile and returns the id. */
export async function createUser(database: Database, user: TestUser = {}): Promise<string> {
  const id = crypto.randomUUID();
  const { email = `${id}@example.org`, name = "Mira Koskela", role = "member" } = user;
  const at = user.createdAt ?? CREATED_AT;
  await database.sql`
    insert into users (id, email, name, role, password_hash, is_demo, access_changed_at,
      created_at, updated_at)
    values (${id}, ${email}, ${name}, ${role}, ${user.passwordHash ?? null},
      ${user.isDemo ?? false}, ${at}, ${at}, ${at})`;
  await database.sql`
    insert into profiles (user_id, alias, updated_at) values (${id}, ${user.alias ?? null}, ${at})`;
  return id;
}

/** The actor of a user who is signed in by a token. */
export function userActor(userId: string, part: Partial<UserActor> = {}): UserActor {
  return {
    kind: "user",
    userId,
    role: "member",
    sessionId: "00000000-0000-4000-8000-000000000000",
    via: "api",
    expiresAt: Number.MAX_SAFE_INTEGER,
    requestId: "request-1",
    address: "192.0.2.7",
    ...part,
  };
}
