/** The memory of an idle product with embedded defaults; the database is a process of its own. */

import { assert } from "@std/assert";
import { makeDataDir, type Product, startProduct, waitUntil } from "../support/product.ts";
import { statusOf } from "../support/product_api.ts";

const RSS_MAX_BYTES = 150_000_000;

/** Until the heap has given back what making the demo and its first pages took. */
const IDLE_DEADLINE_MS = 60_000;

const PAGES = ["/", "/c/riverside-distance-cup", "/docs", "/sign-in", "/health", "/openapi.json"];

Deno.test("the idle product takes at most 150 MB", async (t) => {
  await using folder = await makeDataDir();
  const options = { dataDir: folder.path };
  await t.step("after its first start, once the demo is made", async () => {
    await using product = await startProduct({}, options);
    await openPages(product);

    await becomesSmall(product);
  });
  await t.step("after the first pages of a later start", async () => {
    await using product = await startProduct({}, options);
    await openPages(product);

    await becomesSmall(product);
  });
});

/** Idle is what has given back what its last work took. */
async function becomesSmall(product: Product): Promise<void> {
  const isSmall = async () => await residentBytes(product) <= RSS_MAX_BYTES;
  assert(await waitUntil(isSmall, product.output, IDLE_DEADLINE_MS));
}

async function openPages({ url }: Product): Promise<void> {
  for (const path of PAGES) assert(await statusOf(url + path) === 200, path);
}

/** Asked of the system by a shell: Deno opens `/proc` to nobody with less than all permissions. */
async function residentBytes({ pid }: Product): Promise<number> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'cat "/proc/$1/status"', "sh", String(pid)],
  }).output();
  return Number(/VmRSS:\s+(\d+) kB/.exec(new TextDecoder().decode(stdout))![1]) * 1024;
}
