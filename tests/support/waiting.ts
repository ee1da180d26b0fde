/** Waiting for what must come, on however slow a machine. */

import { assert } from "@std/assert";

/** So long that only what never comes fails. */
const PATIENCE_MS = 60_000;
const POLL_MS = 5;

/** Waits until the claim holds; fails with what it was about. */
export async function until(
  claim: () => boolean | Promise<boolean>,
  about: string,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await claim()) {
    assert(performance.now() < deadline, `Waited in vain until ${about}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Waits in the same way and tells how long it took. */
export async function msUntil(
  claim: () => boolean | Promise<boolean>,
  about: string,
): Promise<number> {
  const since = performance.now();
  await until(claim, about);
  return performance.now() - since;
}
