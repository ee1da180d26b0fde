import type { ResolvedFreshConfig } from "./config.ts";
import { buildIslands, type IslandBuild, listIslands } from "./build.ts";
import { type Assets, openAssets } from "./assets.ts";
import type { Island, IslandRegistry } from "./render.ts";
import { importModule } from "./files.ts";

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
  const [assets, islands] = await Promise.all([
    openAssets(config, build.files),
    registerIslands(config, build),
  ]);
  return { config, build, assets, buildId: assets.buildId, islands };
}

async function registerIslands(config: ResolvedFreshConfig, build: IslandBuild) {
  const islands = new Map<unknown, Island>();
  await Promise.all((await listIslands(config)).map(async ({ name, path }) => {
    const component = (await importModule(path)).default;
    const entry = build.entries.get(`island-${name}`);
    if (typeof component !== "function" || !entry) {
      throw new TypeError(`Cannot use island "${name}": ${path} has no component as its default`);
    }
    islands.set(component, { name, ...entry });
  }));
  return islands;
}
