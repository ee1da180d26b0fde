/**
 * Competitions as they are shown, by id or slug, through the cache: all columns but the head of the
 * log, which moves with every score. Whoever writes to a competition tells the boards after the
 * commit (`boards.committed`), which makes the directory forget it.
 *
 * @module
 */

import { inArray } from "drizzle-orm";
import type { Database } from "@/db/client.ts";
import { competitions } from "@/db/schema.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { BoardsService } from "../boards/boards.ts";
import { type CachedDeps, createCached } from "../cached.ts";
import { getRow, isCompetitionId, noCompetition } from "./competition_access.ts";
import type { ShownRow } from "./competition_view.ts";

export interface CompetitionDirectory {
  /** By id or slug; at most two seconds behind what other nodes wrote. Fails with `NOT_FOUND`. */
  find(idOrSlug: string): Promise<ShownRow>;
  /** Forgets competitions written, made or removed, by id and by the slugs they have or had. */
  forget(competition: { id: string; slugs?: readonly string[] }): Promise<void>;
}

export interface CompetitionDirectoryDeps extends CachedDeps {
  database: Database;
}

/** Nodes that do not hear each other see each other's writes this soon. */
const MEMORY_MS = 2 * SECOND_MS;
/** Some 3 KB each. */
const ENTRIES_MAX = 5_000;

/** Makes an empty directory. */
export function createCompetitionDirectory(deps: CompetitionDirectoryDeps): CompetitionDirectory {
  const common = { memoryMs: MEMORY_MS, entriesMax: ENTRIES_MAX };
  const rows = createCached<ShownRow>(deps, {
    ...common,
    name: "competitions.1",
    load: (ids) => loadRows(deps.database, ids),
  });
  const ids = createCached<string>(deps, {
    ...common,
    name: "competition_slugs.1",
    load: (slugs) => loadIds(deps.database, slugs),
  });
  const bySlug = async (slug: string) => {
    const id = await ids.get(slug);
    if (id === undefined) return undefined;
    const row = await rows.get(id);
    return row?.slug === slug ? row : "passed_on";
  };
  return {
    async find(idOrSlug) {
      let row: ShownRow | "passed_on" | undefined;
      if (isCompetitionId(idOrSlug)) row = await rows.get(idOrSlug.toLowerCase());
      else row = await bySlug(idOrSlug);
      if (row === "passed_on") {
        // The slug belongs to another competition, or to none, since it was kept.
        await ids.forget(idOrSlug);
        row = await bySlug(idOrSlug);
      }
      if (row === undefined || row === "passed_on") throw noCompetition(idOrSlug);
      return row;
    },
    async forget({ id, slugs = [] }) {
      await Promise.all([rows.forget(id), ids.forget(...slugs)]);
    },
  };
}

/** The directory of a process that writes once and ends: it asks the database each time. */
export function createPlainDirectory(database: Database): CompetitionDirectory {
  return {
    find: (idOrSlug) => getRow(database.db, idOrSlug),
    forget: () => Promise.resolve(),
  };
}

/** Boards whose commits the directory hears of; scores do not change what it has. */
export function forgetOnCommit(
  boards: BoardsService,
  directory: Pick<CompetitionDirectory, "forget">,
): BoardsService {
  return {
    ...boards,
    async committed(id, change) {
      const forgotten = change === undefined ? directory.forget({ id }) : undefined;
      await Promise.all([forgotten, boards.committed(id, change)]);
    },
  };
}

async function loadRows(database: Database, ids: readonly string[]) {
  const found = await database.db.select().from(competitions)
    .where(inArray(competitions.id, [...ids]));
  return new Map(found.map(({ lastSeq: _, lastHash: __, lastArrivedAt: ___, ...row }) => {
    return [row.id, row satisfies ShownRow];
  }));
}

async function loadIds(database: Database, slugs: readonly string[]) {
  const found = await database.db.select({ id: competitions.id, slug: competitions.slug })
    .from(competitions).where(inArray(competitions.slug, [...slugs]));
  return new Map(found.map(({ id, slug }) => [slug, id]));
}
