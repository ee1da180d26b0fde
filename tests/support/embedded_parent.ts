/** An app that is going to be killed: starts the embedded PostgreSQL of a folder and waits. */

import { startEmbeddedPostgres } from "@/db/embedded.ts";
import { TEST_SETTINGS } from "./test_server.ts";

const [dataDir, nativeDir] = Deno.args;
const server = await startEmbeddedPostgres({
  dataDir: dataDir!,
  nativeDir: nativeDir!,
  settings: TEST_SETTINGS,
});
await server.announce("http://localhost:8080");
const line = JSON.stringify({ url: server.url, pid: server.pid }) + "\n";
await Deno.stdout.write(new TextEncoder().encode(line));
await new Promise(() => setInterval(() => {}, 1_000));
