/** Which installation a database is: nodes of several may share one Redis. */

import { createHash } from "node:crypto";
import type { Database } from "./client.ts";

/** Characters of the hash: no two installations on one Redis share them by chance. */
const LENGTH = 12;

/** The same on every node over the database, also after a failover; letters, digits, `_` and `-`. */
export async function readInstallationId({ sql }: Database): Promise<string> {
  const [row] = await sql<{ name: string; migratedAt: number }[]>`
    select current_database() as name,
      (select min(applied_at) from schema_migrations) as "migratedAt"`;
  // Copies of a database differ by their servers, where those may be asked.
  const servers = await sql<{ id: string }[]>`
    select system_identifier::text as id from pg_control_system()`.catch(() => []);
  const text = [row?.name, row?.migratedAt, servers[0]?.id].join(" ");
  return createHash("sha256").update(text).digest("base64url").slice(0, LENGTH);
}
