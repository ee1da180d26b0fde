import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

/** Paths of all files under a folder, relative with `/`, sorted; none when the folder is missing. */
export async function listFiles(folder: string, base = ""): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readFolder(base ? `${folder}/${base}` : folder)) {
    const path = base ? `${base}/${entry.name}` : entry.name;
    if (entry.isDirectory) found.push(...await listFiles(folder, path));
    else if (entry.isFile) found.push(path);
  }
  return found;
}

async function readFolder(folder: string): Promise<Deno.DirEntry[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Imports a module of the app by its path. */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  return await import(pathToFileURL(path).href);
}

/** First 16 hex digits of SHA-256 over the parts in their order. */
export function digestOf(parts: Iterable<Uint8Array | string>): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}
