import { assertEquals } from "@std/assert";
import { isAlive } from "./health_check.ts";

Deno.test("isAlive() asks the app of this machine", async () => {
  let status = 200;
  const paths: string[] = [];
  const handler = (req: Request) => {
    paths.push(new URL(req.url).pathname);
    return new Response("{}", { status });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const { port } = server.addr;

  assertEquals(await isAlive(port), true);
  status = 503;
  assertEquals(await isAlive(port), false);
  await server.shutdown();
  assertEquals(await isAlive(port), false);
  assertEquals(paths, ["/health/live", "/health/live"]);
});
