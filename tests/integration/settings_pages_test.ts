import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";
import { createPageClient, faultsOf, mainText } from "@/tests/support/page_client.ts";

async function signIn(test: TestApp, email: string) {
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email, password: TEST_PASSWORD });
  return client;
}

Deno.test("an admin makes, replaces and revokes keys, and decides for the platform, without script", async (t) => {
  await using test = await openTestApp();
  const admin = await test.person("admin", "Ada Admin");
  const panel = await signIn(test, admin.email);
  const organiser = await signIn(test, (await test.person("organiser")).email);
  let path = "";

  await t.step("a key is shown once", async () => {
    const empty = await panel.get("/admin/api-keys");
    await panel.get("/admin/api-keys/new");
    const faulty = await panel.post("/admin/api-keys/new", { name: "", quotaPerMinute: "many" });
    const made = await panel.post("/admin/api-keys/new", {
      name: "Gym app",
      scopes: ["users:read", "scores:write"],
      quotaPerMinute: "600",
      expiresAt: "2030-01-01T00:00",
    });
    const key = /value="(pb_[^"]+)"/.exec(made.html)?.[1] ?? "";
    path = /href="(\/admin\/api-keys\/[0-9a-f-]{36})"/.exec(made.html)?.[1] ?? "";
    const shown = await panel.get(path);
    const list = await panel.get("/admin/api-keys?status=active");

    assertStringIncludes(mainText(empty), "No keys yet");
    assertEquals([faulty.status, Object.keys(faultsOf(faulty)).sort()], [
      422,
      ["name", "quotaPerMinute", "scopes"],
    ]);
    assertEquals([made.status, made.headers.get("cache-control")], [201, "no-store"]);
    assertEquals((await test.call("GET", "/users", { token: key })).status, 200);
    assert(!shown.html.includes(key));
    assertStringIncludes(mainText(shown), "Send scores for everybody");
    assertStringIncludes(mainText(list), "Gym app");
  });

  await t.step("replacing shows the new one, revoking takes it back", async () => {
    await panel.get(path);
    const replaced = await panel.post(path, { action: "rotate" });
    const key = /value="(pb_[^"]+)"/.exec(replaced.html)?.[1] ?? "";
    assertEquals((await test.call("GET", "/users", { token: key })).status, 200);
    await panel.get(path);
    const revoked = await panel.post(path, { action: "revoke", reason: "Not used any more" });
    const answer = await test.call("GET", "/users", { token: key });

    assertStringIncludes(mainText(revoked), "Gym app is revoked");
    assertEquals([answer.status, answer.body.error.code], [401, "INVALID_TOKEN"]);
    assertStringIncludes(
      mainText(await panel.get("/admin/audit")),
      "Api key revoke “Not used any more”",
    );
  });

  await t.step("the settings name the platform and close registration", async () => {
    await panel.get("/admin/settings");
    const settings = {
      platformName: "Harbour Runs",
      defaultTimeZone: "Europe/Helsinki",
      platformCut: "2.5",
    };
    const faulty = await panel.post("/admin/settings", { ...settings, platformCut: "2.555" });
    const saved = await panel.post("/admin/settings", settings);
    const visitor = createPageClient(test);
    const closed = await visitor.get("/register");
    const refused = await test.call("POST", "/auth/register", {
      body: { email: "new@example.org", password: TEST_PASSWORD, name: "New" },
    });
    const { body } = await test.call("GET", "/admin/settings", { token: admin.token });
    await panel.get("/admin/competitions/new");

    assertEquals(faultsOf(faulty), { platformCut: "Give a percentage up to 50" });
    assertStringIncludes(mainText(saved), "The settings are saved");
    assertMatch(saved.html, /<title>Settings · Harbour Runs<\/title>/);
    assertStringIncludes(mainText(closed), "by invitation");
    assertEquals([refused.status, refused.body.error.code], [403, "SIGN_UP_CLOSED"]);
    assertEquals(body.data, {
      platformName: "Harbour Runs",
      registrationOpen: false,
      defaultTimeZone: "Europe/Helsinki",
      platformCutBasisPoints: 250,
    });
    const draft = await panel.get("/admin/competitions/new");
    assertMatch(
      draft.html,
      /name="timeZone"[^>]*value="Europe\/Helsinki"|value="Europe\/Helsinki"[^>]*name="timeZone"/,
    );
  });

  await t.step("other staff see neither", async () => {
    for (const page of ["/admin/api-keys", "/admin/api-keys/new", "/admin/settings"]) {
      assertEquals((await organiser.get(page)).status, 403);
    }
  });
});
