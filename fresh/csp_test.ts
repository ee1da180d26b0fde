import { assertEquals, assertStringIncludes } from "@std/assert";
import { contentPolicy, csp } from "fresh";
import { openTestApp } from "./test_app.ts";

Deno.test("contentPolicy() allows nothing inline and replaces directives by name", () => {
  const policy = contentPolicy(["img-src 'self' https:", "worker-src 'none'"]);

  assertEquals(/unsafe|nonce/.test(policy), false);
  assertStringIncludes(policy, "script-src 'self'; style-src 'self'; img-src 'self' https:;");
  assertEquals(policy.match(/img-src/g)?.length, 1);
  assertStringIncludes(policy, "worker-src 'none'");
});

Deno.test("csp() covers pages, errors and redirects and respects an answer's own policy", async () => {
  await using app = await openTestApp({}, (app) =>
    app.use(csp()).get("/own", () => {
      return new Response("", { headers: { "content-security-policy": "default-src *" } });
    }).get("/away", () => Response.redirect("http://app.test/", 302)));
  const policyOf = async (path: string) => {
    return (await app.request(path)).headers.get("content-security-policy");
  };

  assertEquals(await policyOf("/nope"), contentPolicy());
  assertEquals(await policyOf("/away"), contentPolicy());
  assertEquals(await policyOf("/own"), "default-src *");
});
