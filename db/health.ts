/** Whether the database answers, and whether what it says is stored survives a crash. */

import type { HealthCheck } from "@/platform/health.ts";
import type { Database } from "./client.ts";

/**
 * Settings without which an answered commit may be gone after a crash of PostgreSQL or its machine:
 * nothing is written through, pages may be torn, commits are answered before they are written.
 */
const DURABLE_SETTINGS = ["fsync", "full_page_writes", "synchronous_commit"] as const;

/** The settings of durability that are off, by their names; asked in one short statement. */
export async function readUndurable({ sql }: Pick<Database, "sql">): Promise<string[]> {
  const rows = await sql<{ name: string; setting: string }[]>`
    select name, current_setting(name) as setting from unnest(${[...DURABLE_SETTINGS]}::text[])
      as asked(name)`;
  return rows.filter(({ setting }) => setting === "off").map(({ name }) => name);
}

/** What is wrong with such a database, for operators. */
export function describeUndurable(names: readonly string[]): string {
  const list = names.length === 1 ? `${names[0]} is` : `${names.join(", ")} are`;
  return `Acknowledged updates may be lost in a crash: ${list} off`;
}

/** Asks the database itself, every time, for its settings can be changed while it runs. */
export function databaseHealth(database: Pick<Database, "sql" | "stats">): HealthCheck {
  return {
    name: "database",
    isCritical: true,
    async check() {
      const sentAt = performance.now();
      const undurable = await readUndurable(database);
      const { max, active, idle } = database.stats();
      const metadata = {
        "response_time_ms": Math.round((performance.now() - sentAt) * 10) / 10,
        "open_connections": active + idle,
        "in_use": active,
        idle,
        max,
      };
      if (undurable.length === 0) return { message: "answers", metadata };
      return { status: "degraded", message: describeUndurable(undurable), metadata };
    },
  };
}
