/**
 * The settings of the platform: one row each where an admin decided, else the default.
 *
 * @module
 */

import { Settings, SETTINGS_DEFAULT, SettingsChange } from "@/contracts/settings.ts";
import type { Database, Tx } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { SECOND_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { checkRole } from "./accounts/access.ts";
import type { AuditService } from "./audit.ts";
import { type CachedDeps, createCached } from "./cached.ts";

export interface SettingsService {
  /** The settings in force; while they cannot be read, those of the last time. Never fails. */
  current(): Promise<Readonly<Settings>>;
  /** As stored; admins only. */
  get(actor: Actor): Promise<Settings>;
  /** In force on every node within seconds; admins only, audited. */
  change(actor: Actor, change: SettingsChange): Promise<Settings>;
}

export interface SettingsDeps extends CachedDeps {
  database: Database;
  clock: Clock;
  audit: AuditService;
}

const MEMORY_MS = 5 * SECOND_MS;
/** All settings are one value. */
const ID = "all";

/** Makes the settings service. */
export function createSettingsService(deps: SettingsDeps): SettingsService {
  let last: Readonly<Settings> = SETTINGS_DEFAULT;
  const cached = createCached<Settings>(deps, {
    name: "settings.1",
    memoryMs: MEMORY_MS,
    entriesMax: 1,
    load: async () => new Map([[ID, await readSettings(deps.database.sql)]]),
  });
  return {
    async current() {
      try {
        return last = await cached.get(ID) ?? last;
      } catch {
        return last;
      }
    },
    async get(actor) {
      checkRole(actor, "admin");
      return await readSettings(deps.database.sql);
    },
    async change(actor, change) {
      checkRole(actor, "admin");
      const settings = await changeSettings(deps, actor, change);
      await cached.forget(ID);
      return settings;
    },
  };
}

/** What cannot be read any more, after a change of the schema, is as if nobody had decided it. */
async function readSettings(sql: Database["sql"] | Tx["sql"]): Promise<Settings> {
  const rows = await sql<{ key: string; value: unknown }[]>`select key, value from settings`;
  const stored = rows.flatMap(({ key, value }) => {
    const parsed = SettingsChange.safeParse({ [key]: value });
    return parsed.success ? [parsed.data] : [];
  });
  return Settings.parse(Object.assign({}, ...stored));
}

async function changeSettings(
  deps: SettingsDeps,
  actor: Actor,
  change: SettingsChange,
): Promise<Settings> {
  return await deps.database.transaction(async (tx) => {
    // Two changes at once would each name the other's old values in the audit log.
    await tx.sql`lock table settings in share row exclusive mode`;
    const before = await readSettings(tx.sql);
    const keys = (Object.keys(change) as (keyof Settings)[])
      .filter((key) => change[key] !== undefined && change[key] !== before[key]);
    if (keys.length === 0) return before;
    const after = { ...before, ...Object.fromEntries(keys.map((key) => [key, change[key]])) };
    for (const key of keys) await store(tx, key, { value: after[key], at: deps.clock.now() });
    await deps.audit.record(tx, actor, {
      action: "settings.change",
      targetKind: "settings",
      targetId: null,
      before: pick(before, keys),
      after: pick(after, keys),
    });
    return after;
  }, { name: "change_settings" });
}

async function store(
  tx: Tx,
  key: keyof Settings,
  { value, at }: { value: unknown; at: number },
): Promise<void> {
  await tx.sql`
    insert into settings (key, value, updated_at)
    values (${key}, ${JSON.stringify(value)}::text::jsonb, ${at})
    on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`;
}

function pick(settings: Settings, keys: readonly (keyof Settings)[]): Partial<Settings> {
  return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}
