/**
 * Asks the app of this machine whether it is alive; the container's health check, because images of
 * Deno have no curl. Exits with 0 or 1.
 *
 * @module
 */

/** Below the timeout of the health check, so that the exit says why. */
const TIMEOUT_MS = 3_000;

/** Whether the app on the port answers that it is alive. */
export async function isAlive(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const res = await fetch(`http://127.0.0.1:${port}/health/live`, { signal });
    await res.body?.cancel();
    return res.ok;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const port = Number(Deno.env.get("PORT") || 8080);
  Deno.exit(await isAlive(port) ? 0 : 1);
}
