import { assertEquals } from "@std/assert";
import { isOwnRequest } from "./csrf.ts";

const OWN = "https://pace.test";
const CASES: [method: string, headers: Record<string, string>, isOwn: boolean][] = [
  ["GET", { "sec-fetch-site": "cross-site" }, true],
  ["HEAD", {}, true],
  ["POST", { "sec-fetch-site": "same-origin" }, true],
  ["POST", { "sec-fetch-site": "none" }, true],
  ["POST", { "sec-fetch-site": "same-site" }, false],
  ["POST", { "sec-fetch-site": "cross-site" }, false],
  ["POST", { "sec-fetch-site": "cross-site", origin: OWN }, false],
  ["POST", { "sec-fetch-site": "same-origin", origin: "http://pace.test" }, true],
  ["POST", { origin: OWN }, true],
  ["POST", { origin: "http://pace.test" }, false],
  ["POST", { origin: "null" }, false],
  ["DELETE", { origin: "https://pace.test.evil.org" }, false],
  ["PATCH", { "sec-fetch-site": "cross-site", origin: "https://panel.test" }, true],
  ["PUT", {}, true],
];

Deno.test("isOwnRequest() lets in what this site or a trusted one sent", () => {
  for (const [method, headers, isOwn] of CASES) {
    const req = new Request(OWN, { method, headers });
    const answer = isOwnRequest(req, OWN, { trustedOrigins: ["https://panel.test"] });
    assertEquals(answer, isOwn, `${method} ${JSON.stringify(headers)}`);
  }
});
