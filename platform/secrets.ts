/** A secret that the machine makes for itself, so that development needs no configuration. */

import { randomBytes } from "node:crypto";
import { join } from "node:path";

/** As many random bits as HS256 uses. */
const SECRET_BYTES = 48;
/** Only the owner reads and writes. */
const OWNER_ONLY = 0o600;

/**
 * Reads the secret kept in `<dataDir>/<name>`, or makes it there (mode 0600). Two processes that
 * start at once get the same one. Fails with the file system's error.
 */
export async function loadOrCreateSecret(dataDir: string, name: string): Promise<string> {
  const path = join(dataDir, name);
  await Deno.mkdir(dataDir, { recursive: true });
  const fresh = randomBytes(SECRET_BYTES).toString("base64url");
  const draft = join(dataDir, `${name}.${crypto.randomUUID()}`);
  const existing = await readSecret(path);
  if (existing !== undefined) return existing;
  await Deno.writeTextFile(draft, fresh, { createNew: true, mode: OWNER_ONLY });
  return await publish(draft, path) ?? fresh;
}

/** Links the finished file into place: a reader never sees half of it. Gives another's secret. */
async function publish(draft: string, path: string): Promise<string | undefined> {
  try {
    await Deno.link(draft, path);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return await readSecret(path);
    throw error;
  } finally {
    await Deno.remove(draft);
  }
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await Deno.readTextFile(path)).trim();
    await Deno.chmod(path, OWNER_ONLY);
    return secret || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
