import { buildIslands, type IslandBuild, listIslands } from "./build.ts";
import type { ResolvedFreshConfig } from "./config.ts";
import { importModule } from "./files.ts";
import type { Island, IslandRegistry } from "./render.ts";
import { type Assets, openAssets } from "./static_files.ts";

/** What one App holds while it serves: nothing of it is shared between Apps. */
export interface AppRuntime {
  config: ResolvedFreshConfig;
  build: IslandBuild;
  assets: Assets;
  /** Names static files and islands together; changes when any of them does. */
  buildId: string;
  islands: IslandRegistry;
}

/** Builds or loads the islands and reads the static files. */
export async function openRuntime(config: ResolvedFreshConfig): Promise<AppRuntime> {
  const build = await buildIslands(config);
  const islands = new Map<unknown, Island>();
  for (const { name, path } of await listIslands(config)) {
    const component = (await importModule(path)).default;
    const entry = build.entries.get(`island-${name}`);
    if (typeof component !== "function" || !entry) {
      throw new TypeError(`Cannot use island "${name}": ${path} has no component as its default`);
    }
    islands.set(component, { name, ...entry });
  }
  const assets = await openAssets(config, build.files);
  return { config, build, assets, buildId: assets.buildId, islands };
}
