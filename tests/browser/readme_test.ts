/** The README's API lines, run as printed by a shell against a started product. */

import { assert, assertEquals } from "@std/assert";
import { startProduct } from "../support/product.ts";

const README = new URL("../../README.md", import.meta.url);
const PRINTED_URL = "http://localhost:8080";
const ADMIN = { ADMIN_EMAIL: "admin@example.org", ADMIN_PASSWORD: "correct-horse-42" };

const hasCurl = await new Deno.Command("curl", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);
const NAME = "the README's API lines work as printed";

Deno.test({
  name: hasCurl ? NAME : `${NAME} [needs curl]`,
  ignore: !hasCurl,
  async fn() {
    const text = await Deno.readTextFile(README);
    const [, script] = /<!--[^>]*these lines[^>]*-->\s*```sh\n([\s\S]*?)```/.exec(text) ?? [];
    assert(script, "the README has its API lines");
    assert(text.includes(`ADMIN_PASSWORD=${ADMIN.ADMIN_PASSWORD}`));
    await using product = await startProduct({ DEMO: "off", ...ADMIN });

    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", script.replaceAll(PRINTED_URL, product.url)],
    }).output();

    const output = new TextDecoder().decode(stdout);
    assertEquals(new TextDecoder().decode(stderr), "");
    assert(!output.includes(`"success":false`), output);
    const board = JSON.parse(output.slice(output.lastIndexOf(`{"success"`)));
    assertEquals([board.data.rows[0].name, board.data.rows[0].score], ["Mira", 4200]);
  },
});
