import { assertEquals } from "@std/assert";
import { openFile } from "./uploads.ts";

Deno.test("openFile() gives each of many readings its own bytes, however they meet", async () => {
  const path = await Deno.makeTempFile();
  const content = Uint8Array.from({ length: 64 * 1024 }, (_, index) => index % 251);
  await Deno.writeFile(path, content);
  using file = await openFile(path);
  const places = Array.from({ length: 200 }, (_, n) => (n * 977) % 60_000);

  const readings = await Promise.all(places.map((at) => file.source.read(at, 512)));

  assertEquals(readings, places.map((at) => content.slice(at, at + 512)));
  await Deno.remove(path);
});
