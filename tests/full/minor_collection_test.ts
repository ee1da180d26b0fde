/** What a transaction held can be collected soon after it: under load that is most of the garbage. */

import { assert } from "@std/assert";
import { openTestDatabase } from "../support/database.ts";

/** The newest ones are still in somebody's hands. */
const IN_HAND_MAX = 3;

Deno.test("works and values of transactions do not wait for a full collection", async () => {
  await using test = await openTestDatabase();
  const args = ["--allow-net=127.0.0.1", "--allow-env", "--allow-read", "--v8-flags=--expose-gc"];

  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...args, "tests/support/minor_collection.ts"],
    env: { DATABASE_URL: test.url },
  }).output();

  const printed = new TextDecoder();
  assert(success, printed.decode(stderr));
  const { works, values } = JSON.parse(printed.decode(stdout));
  assert(works <= IN_HAND_MAX && values <= IN_HAND_MAX, `${works} works, ${values} values`);
});
