import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseConfig } from "@/platform/config.ts";
import { bannerText } from "./banner.ts";

const SECRET = "k3Jx9vQ2mN8pL5tR7wY1zB4cD6fG0hSa";

function bannerOf(env: Record<string, string>, state: { link?: string; hasAdmin?: boolean } = {}) {
  const { link: signInPath, hasAdmin = true } = state;
  return bannerText({ config: parseConfig(env), signInPath, hasAdmin });
}

Deno.test("bannerText() names addresses that a browser on the machine can open", () => {
  const boards = (env: Record<string, string>) => /Boards +(\S+)/.exec(bannerOf(env))?.[1];

  assertEquals(boards({}), "http://localhost:8080");
  assertEquals(boards({ HOST: "0.0.0.0", PORT: "81" }), "http://localhost:81");
  assertEquals(boards({ HOST: "10.0.0.7" }), "http://10.0.0.7:8080");
  assertEquals(boards({ HOST: "::1" }), "http://[::1]:8080");
  const production = { APP_ENV: "production", JWT_SECRETS: SECRET };
  assertEquals(boards({ ...production, PUBLIC_URL: "https://run.example" }), "https://run.example");
});

Deno.test("bannerText() tells the way in: the link, else how an admin is made", () => {
  const link = bannerOf({}, { link: "/sign-in/link?token=abc", hasAdmin: false });
  const none = bannerOf({ DEMO: "off" }, { hasAdmin: false });

  assertStringIncludes(link, "Sign in  http://localhost:8080/sign-in/link?token=abc");
  assertStringIncludes(none, "set ADMIN_EMAIL and ADMIN_PASSWORD");
  assertEquals(/Sign in|ADMIN_/.test(bannerOf({ DEMO: "off" })), false);
});
