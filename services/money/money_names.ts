/** Names of the people and competitions that orders and accounts speak of, for the pages that list them. */

import { inArray, sql } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { competitions, users } from "@/db/schema.ts";
import type { Actor } from "@/domain/actor.ts";
import { checkRole, hasRole } from "../accounts/access.ts";

/** What rows of money name. */
export interface Named {
  userId?: string | null;
  competitionId?: string | null;
}

/** Names by id; whoever is unknown has none. */
export interface MoneyNames {
  users: ReadonlyMap<string, string>;
  competitions: ReadonlyMap<string, string>;
}

export interface MoneyNamesService {
  /** The names in rows that the actor may see; those of people for finance alone. */
  of(actor: Actor, rows: readonly Named[]): Promise<MoneyNames>;
  /** The id of the account with this e-mail address; finance. */
  findUser(actor: Actor, email: string): Promise<string | undefined>;
}

export function createMoneyNames({ database }: { database: Database }): MoneyNamesService {
  const { db } = database;
  return {
    async of(actor, rows) {
      const userIds = hasRole(actor, "finance") ? idsOf(rows, "userId") : [];
      const competitionIds = idsOf(rows, "competitionId");
      const [people, contests] = await Promise.all([
        userIds.length === 0 ? [] : db.select({ id: users.id, name: users.name }).from(users)
          .where(inArray(users.id, userIds)),
        competitionIds.length === 0
          ? []
          : db.select({ id: competitions.id, name: competitions.name }).from(competitions)
            .where(inArray(competitions.id, competitionIds)),
      ]);
      return { users: byId(people), competitions: byId(contests) };
    },
    async findUser(actor, email) {
      checkRole(actor, "finance");
      const [user] = await db.select({ id: users.id }).from(users)
        .where(
          sql`lower(${users.email}) = ${email.toLowerCase()} and ${users.status} <> 'deleted'`,
        );
      return user?.id;
    },
  };
}

function idsOf(rows: readonly Named[], key: keyof Named): string[] {
  return [...new Set(rows.flatMap((row) => row[key] ?? []))];
}

function byId(rows: readonly { id: string; name: string }[]): Map<string, string> {
  return new Map(rows.map(({ id, name }) => [id, name]));
}
