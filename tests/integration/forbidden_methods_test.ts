import { assertMatch } from "@std/assert";
import { openTestApp } from "@/tests/support/app.ts";

/** Sends one request as it is written, and reads until the server closes. */
async function ask(port: number, head: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new TextEncoder().encode(`${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await connection.write(bytes);
  return await new Response(connection.readable).text();
}

Deno.test("methods of proxies are answered 405, on pages and in the API", async () => {
  await using app = await openTestApp();
  const { port } = app.serve();

  for (const path of ["/", "/health", "/api/v1/competitions", "/openapi.json"]) {
    const answer = await ask(port, `TRACE ${path} HTTP/1.1`);

    assertMatch(answer, /^HTTP\/1\.1 405 /, path);
    assertMatch(answer, /\r\nallow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n/i, path);
    if (path !== "/") assertMatch(answer, /"code":"METHOD_NOT_ALLOWED"/, path);
  }
});
