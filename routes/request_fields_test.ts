import { assertEquals } from "@std/assert";
import { fieldsOf } from "./request_fields.ts";

Deno.test("fieldsOf() reads what a server got, and leaves the request's headers alone", async () => {
  const seen: unknown[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (req) => {
    const fields = fieldsOf(req);
    const names = ["accept", "x-two", "x-none"];
    seen.push(fields === req.headers, ...names.map((name) => fields.get(name)));
    seen.push(...names.map((name) => req.headers.get(name)));
    return new Response("seen");
  });
  const headers = [["accept", "text/plain"], ["x-two", "a"], ["x-two", "b"]] as [string, string][];

  await (await fetch(`http://127.0.0.1:${server.addr.port}`, { headers })).text();

  const values = ["text/plain", "a, b", null];
  // A runtime that keeps requests in another way makes the first of these true: slower, not wrong.
  assertEquals(seen, [false, ...values, ...values]);
});

Deno.test("fieldsOf() takes the headers of a request that no server got", () => {
  const request = new Request("http://localhost/", { headers: { accept: "text/plain" } });

  assertEquals(fieldsOf(request), request.headers);
  assertEquals(fieldsOf(request).get("accept"), "text/plain");
});
