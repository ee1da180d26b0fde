/** The README's API lines, run as printed by a shell against a started product. */

import { assert, assertEquals } from "@std/assert";
import type { Scenario } from "./scenario.ts";
import { ADMIN } from "./stage.ts";

const README = new URL("../../README.md", import.meta.url);
const PRINTED_URL = "http://localhost:8080";

const hasCurl = await new Deno.Command("curl", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

export const readme: Scenario = {
  name: "the README's API lines work as printed",
  needs: hasCurl ? undefined : "curl",
  async play(_t, stage) {
    const text = await Deno.readTextFile(README);
    const [, script] = /<!--[^>]*these lines[^>]*-->\s*```sh\n([\s\S]*?)```/.exec(text) ?? [];
    assert(script, "the README has its API lines");
    assert(text.includes(`ADMIN_EMAIL=${ADMIN.email} ADMIN_PASSWORD=${ADMIN.password}`));

    const { stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", script.replaceAll(PRINTED_URL, stage.product.url)],
    }).output();

    const output = new TextDecoder().decode(stdout);
    assertEquals(new TextDecoder().decode(stderr), "");
    assert(!output.includes(`"success":false`), output);
    const board = JSON.parse(output.slice(output.lastIndexOf(`{"success"`)));
    assertEquals([board.data.rows[0].name, board.data.rows[0].score], ["Mira", 4200]);
  },
};
