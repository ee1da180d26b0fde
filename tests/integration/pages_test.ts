import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openTestApp, TEST_PASSWORD, type TestApp } from "@/tests/support/app.ts";
import {
  createPageClient,
  faultsOf,
  mainText,
  type PageClient,
} from "@/tests/support/page_client.ts";
import { track } from "@/tests/browser/track.ts";

/** Somebody with a role, signed in by the form. */
async function signedIn(test: TestApp, role: "member" | "organiser" | "admin", name: string) {
  const { email, userId } = await test.person(role, name);
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email, password: TEST_PASSWORD });
  return Object.assign(client, { email, userId });
}

const CUP = {
  name: "Winter Cup",
  description: "# Rules\n**Run.**",
  visibility: "public",
  timeZone: "Europe/Helsinki",
  startsAt: "2020-01-01T00:00",
  endsAt: "2099-01-01T00:00",
  graceHours: "24",
  "scoring.kind": "activity",
  "scoring.metric": "distance",
  "scoring.aggregate": "total",
  "scoring.direction": "higher",
  "scoring.activityTypes": ["running"],
  "scoring.manualPolicy": "exclude",
  rankMethod: "standard",
};

/** A published competition; gives its path in the panel. */
async function publishedCup(client: PageClient, change: Record<string, string> = {}) {
  const draft = await client.post("/admin/competitions/new", { ...CUP, ...change });
  assertEquals(draft.status, 200, mainText(draft));
  await client.post(`${draft.path}/danger`, { action: "publish" });
  return draft.path;
}

Deno.test("public pages open for everybody, unknown ones say so", async (t) => {
  await using test = await openTestApp();
  const visitor = createPageClient(test);

  await t.step("an empty list says what comes next", async () => {
    const home = await visitor.get("/");

    assertEquals(home.status, 200);
    assertStringIncludes(mainText(home), "No competitions yet");
    assertMatch(home.headers.get("content-security-policy") ?? "", /script-src 'self'/);
    assertEquals(/ style=|<script>|<style/.test(home.html), false);
  });

  await t.step("404, 403 and 405 are pages", async () => {
    const member = await signedIn(test, "member", "Mira Koskela");

    assertStringIncludes(mainText(await visitor.get("/nowhere")), "No such page");
    assertEquals((await visitor.get("/c/nothing")).status, 404);
    assertEquals((await member.get("/admin")).status, 403);
    assertEquals((await member.get("/admin/users")).status, 403);
    assertEquals((await visitor.get("/sign-out")).status, 405);
  });

  await t.step("the panel sends visitors to the sign-in and back", async () => {
    const asked = await visitor.get("/admin/competitions?q=x");

    assertEquals(asked.path, "/sign-in?next=%2Fadmin%2Fcompetitions%3Fq%3Dx");
    assertStringIncludes(asked.html, 'value="/admin/competitions?q=x"');
  });
});

Deno.test("forms of accounts say what is wrong and keep what was typed", async (t) => {
  await using test = await openTestApp();
  const client = createPageClient(test);

  await t.step("registration", async () => {
    const weak = await client.post("/register", { name: "", email: "mira@", password: "short" });
    assertEquals(weak.status, 422);
    assertEquals(faultsOf(weak), {
      name: "Fill this in",
      email: "Give an e-mail address, like mira@example.org",
      password: "Use at least 10 characters",
    });
    const done = await client.post("/register", {
      name: "Mira",
      email: "mira@example.org",
      password: TEST_PASSWORD,
    });

    assertEquals(done.path, "/me");
    assertStringIncludes(mainText(done), "Welcome, Mira.");
    assertEquals(client.cookies.has("paceboard_flash"), false, "a message is shown once");
  });

  await t.step("a taken address, a wrong password", async () => {
    const other = createPageClient(test);
    const fields = { name: "M", email: "mira@example.org", password: TEST_PASSWORD };
    const taken = await other.post("/register", fields);
    assertEquals([taken.status, Object.keys(faultsOf(taken))], [409, ["email"]]);
    const wrong = await other.post("/sign-in", { email: fields.email, password: "wrong wrong" });

    assertEquals(wrong.status, 401);
    assertStringIncludes(wrong.html, 'value="mira@example.org"');
    assertEquals(other.cookies.size, 0);
  });

  await t.step("a form without the token, or from another site, changes nothing", async () => {
    const without = await client.post("/me/profile", { "_csrf": "guessed", name: "Mallory" });
    assertEquals(without.status, 403);
    const body = new URLSearchParams({ name: "Mallory" });
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const foreign = await test.app.fetch(
      new Request("http://localhost/sign-in", { method: "POST", body, headers }),
    );
    assertEquals(foreign.status, 403);
    await foreign.body?.cancel();

    assertStringIncludes((await client.get("/me/profile")).html, 'value="Mira"');
  });

  await t.step("profile and password", async () => {
    const bad = await client.post("/me/profile", { name: "Mira", timeZone: "Mars/Base" });
    assert("timeZone" in faultsOf(bad));
    const profile = { name: "Mira K", alias: "Fox", timeZone: "Asia/Tokyo", locale: "en" };
    const good = await client.post("/me/profile", profile);
    assertStringIncludes(mainText(good), "Your profile is saved.");
    const wrong = { action: "password", currentPassword: "no", newPassword: "harbour-lantern-99" };
    assertEquals(faultsOf(await client.post("/me/profile", wrong)), {
      currentPassword: "This is not your present password",
    });
    const right = { ...wrong, currentPassword: TEST_PASSWORD };

    const changed = await client.post("/me/profile", right);
    assertStringIncludes(mainText(changed), "Your password is changed");
  });

  await t.step("signing out ends the session", async () => {
    assertStringIncludes(mainText(await client.post("/sign-out", {})), "You are signed out.");

    assertEquals((await client.get("/me")).path, "/sign-in?next=%2Fme");
  });
});

Deno.test("an account is deleted after its address was typed", async () => {
  await using test = await openTestApp();
  const client = await signedIn(test, "member", "Mira Koskela");

  await client.get("/me/delete");
  const unsure = await client.post("/me/delete", { email: "other@example.org" });
  const gone = await client.post("/me/delete", { email: client.email });

  assertEquals([unsure.status, Object.keys(faultsOf(unsure))], [422, ["email"]]);
  assertStringIncludes(mainText(gone), "Your account is deleted.");
  assertEquals((await client.get("/me")).path, "/sign-in?next=%2Fme");
});

Deno.test("a one-time link signs in by POST, once", async () => {
  await using test = await openTestApp();
  const { userId } = await test.person("admin");
  const system = { kind: "system", name: "test", requestId: null, address: null } as const;
  const { token } = await test.services.accounts.createSignInLink(system, userId);
  const client = createPageClient(test);

  await client.get(`/sign-in/link?token=${token}`);
  const looked = await client.get(`/sign-in/link?token=${token}`);
  const entered = await client.post("/sign-in/link", { token });
  const again = await createPageClient(test).post("/sign-in/link", { token });

  assertStringIncludes(mainText(looked), "Continue");
  assertEquals(entered.path, "/admin");
  assertEquals(again.status, 401);
  assertStringIncludes(mainText(again), "This link is used up");
});

Deno.test("an organiser makes, edits, publishes and cancels a competition", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const visitor = createPageClient(test);

  await t.step("faults come back beside their fields", async () => {
    const faulty = await organiser.post("/admin/competitions/new", {
      ...CUP,
      name: "",
      endsAt: "2019-01-01T00:00",
      graceHours: "1000",
    });

    assertEquals(faulty.status, 422);
    assertEquals(faultsOf(faulty), {
      name: "Fill this in",
      endsAt: "The end must be after the start",
      graceHours: "Give 0 to 720 hours",
    });
    assertMatch(faulty.html, /value="running" checked|checked value="running"/);
    // The form is longer than any screen: its head leads to each of them.
    assertStringIncludes(
      faulty.html,
      `<a href="#endsAt">Ends at</a>: The end must be after the start`,
    );
  });

  let path = "";
  await t.step("a draft is the organiser's alone", async () => {
    const draft = await organiser.post("/admin/competitions/new", CUP);
    path = draft.path;

    assertStringIncludes(mainText(draft), "Still a draft");
    assertEquals((await visitor.get("/c/winter-cup")).status, 404);
    const taken = await organiser.post("/admin/competitions/new", { ...CUP, slug: "winter-cup" });
    assertEquals([taken.status, Object.keys(faultsOf(taken))], [409, ["slug"]]);
  });

  await t.step("publishing locks the rules and opens the public page", async () => {
    await organiser.post(`${path}/edit`, { ...CUP, name: "Winter Cup 2", capacity: "3" });
    await organiser.post(`${path}/danger`, { action: "publish" });
    const edit = await organiser.get(`${path}/edit`);
    const shown = await visitor.get("/c/winter-cup");

    assertStringIncludes(mainText(edit), "Locked by publishing");
    assertEquals(edit.html.includes('name="scoring.metric"'), false);
    assertStringIncludes(mainText(shown), "Winter Cup 2");
    assertStringIncludes(shown.html, "<strong>Run.</strong>");
    assertStringIncludes(mainText(await visitor.get("/")), "Winter Cup 2");
    const earlier = { ...CUP, endsAt: "2098-01-01T00:00" };
    const refused = await organiser.post(`${path}/edit`, earlier);
    assertEquals([refused.status, Object.keys(faultsOf(refused))], [409, ["endsAt"]]);
    const later = { ...CUP, endsAt: "2099-02-01T00:00" };
    assertStringIncludes(mainText(await organiser.post(`${path}/edit`, later)), "are saved");
  });

  await t.step("every tab opens, another organiser's are closed", async () => {
    const other = await signedIn(test, "organiser", "Otto Olsen");
    const titles = new Set<string | undefined>();
    const tabs = ["", "/participants", "/rules", "/log", "/api", "/danger"];
    for (const tab of tabs) {
      const { status, html } = await organiser.get(path + tab);
      assertEquals(status, 200, tab);
      titles.add(html.match(/<title>(.*?)<\/title>/)?.[1]);
    }
    assertEquals(titles.size, tabs.length, "each has a title of its own");

    assertEquals((await other.get(`${path}/danger`)).status, 403);
    assertEquals((await other.get(`${path}/edit`)).status, 403);
  });

  await t.step("cancelling needs its reason, which everybody sees", async () => {
    const without = await organiser.post(`${path}/danger`, { action: "cancel", reason: " " });
    assertEquals([without.status, Object.keys(faultsOf(without))], [422, ["reason"]]);
    await organiser.post(`${path}/danger`, { action: "cancel", reason: "The lake has thawed" });

    assertStringIncludes(mainText(await visitor.get("/c/winter-cup")), "The lake has thawed");
    assertStringIncludes(mainText(await organiser.get(`${path}/danger`)), "nothing is left to do");
  });

  await t.step("a draft can be deleted, an unknown action not be done", async () => {
    const draft = await organiser.post("/admin/competitions/new", { ...CUP, name: "Mistake" });
    assertEquals((await organiser.post(`${draft.path}/danger`, { action: "x" })).status, 400);

    const gone = await organiser.post(`${draft.path}/danger`, { action: "remove" });
    assertEquals(gone.path, "/admin/competitions");
    assertEquals((await organiser.get(draft.path)).status, 404);
  });
});

Deno.test("an athlete joins, uploads, sees what counted, and leaves", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  await publishedCup(organiser);
  const athlete = await signedIn(test, "member", "Noor Haddad");

  await t.step("joining", async () => {
    assertStringIncludes(mainText(await athlete.get("/me")), "You take part in nothing that runs");
    const joined = await athlete.post("/c/winter-cup/join", {});

    assertStringIncludes(mainText(joined), "You are in. Good luck!");
    assertStringIncludes(joined.html, "data-me");
    const again = await athlete.post("/c/winter-cup/join", {});
    assertStringIncludes(mainText(again), "You already take part.");
  });

  await t.step("an upload tells what counted", async () => {
    const file = new File([track()], "run.gpx");
    const result = await athlete.post("/me/upload", { file, competitionId: "" });

    assertMatch(result.path, /^\/me\/imports\//);
    assertStringIncludes(mainText(result), "– → 200 m · rank 1");
    const twice = await athlete.post("/me/upload", { file, competitionId: "" });
    assertStringIncludes(mainText(twice), "1 already here");
    assertStringIncludes(mainText(await athlete.get("/me/imports")), "run.gpx");
    assertStringIncludes(mainText(await athlete.get("/me")), "1 of 1");
  });

  await t.step("one's own page tells how far a target is", async () => {
    const aim = { "scoring.aggregate": "target", "scoring.target": "1000" };
    await publishedCup(organiser, { name: "Kilometre", slug: "kilometre", ...aim });
    await athlete.post("/c/kilometre/join", {});

    assertStringIncludes(mainText(await athlete.get("/me")), "20 %");
  });

  await t.step("a bad file is refused with its reason, none at all as well", async () => {
    const bad = new File(["Dear Sir or Madam"], "letter.fit");
    const refused = await athlete.post("/me/upload", { file: bad });
    assertEquals(refused.status, 400);
    assertStringIncludes(faultsOf(refused).file ?? "", "neither FIT, TCX nor GPX");

    const none = await athlete.post("/me/upload", { file: new File([], "") });
    assertEquals(faultsOf(none), { file: "Choose a file first" });
  });

  await t.step("the wall shows the board without the frame", async () => {
    const wall = await athlete.get("/c/winter-cup?view=wall");

    assertStringIncludes(mainText(wall), "Noor Haddad");
    assertEquals(wall.html.includes('class="top"'), false);
  });

  await t.step("leaving", async () => {
    assertStringIncludes(mainText(await athlete.get("/c/winter-cup/leave")), "You leave the board");
    const left = await athlete.post("/c/winter-cup/leave", {});

    assertStringIncludes(mainText(left), "You have left the competition.");
    const twice = await athlete.post("/c/winter-cup/leave", {});
    assertStringIncludes(mainText(twice), "Cannot leave");
  });

  await t.step(
    "what one uploaded stays readable when the competition is not any more",
    async () => {
      await test.database
        .sql`update competitions set visibility = 'invite', invite_code = 'lynx-7421'`;
      test.time.advance(5_000);
      const { html } = await athlete.get("/me/imports");
      const first = /href="(\/me\/imports\/[^"]+)"/.exec(html)?.[1] ?? "";

      assertEquals((await athlete.get("/c/winter-cup")).status, 403);
      const told = await athlete.get(first);
      assertEquals(told.status, 200);
      assertStringIncludes(mainText(told), "Winter Cup");
      const session = /href="(\/me\/activities\/[^"]+)"/.exec(told.html)?.[1] ?? "";
      assertEquals((await athlete.get(session)).status, 200);
    },
  );
});

Deno.test("a competition by invitation opens with its code", async () => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  await publishedCup(organiser, { visibility: "invite", inviteCode: "SNOW-2026" });
  const guest = await signedIn(test, "member", "Gus Gray");

  const door = await guest.get("/c/winter-cup");
  const wrong = await guest.post("/c/winter-cup/join", { inviteCode: "RAIN-2026" });
  const right = await guest.post("/c/winter-cup/join", { inviteCode: "SNOW-2026" });

  assertEquals(door.status, 403);
  assertEquals(mainText(door).includes("Winter Cup"), false, "the door tells no name");
  assertEquals(wrong.status, 403);
  assertStringIncludes(mainText(right), "You are in. Good luck!");
});

Deno.test("an admin sees figures, people and the audit log", async (t) => {
  await using test = await openTestApp();
  const admin = await signedIn(test, "admin", "Ada Aalto");
  const member = await test.person("member", "Noor Haddad");

  await t.step("overview", async () => {
    const overview = await admin.get("/admin");

    assertStringIncludes(mainText(overview), "Nothing runs today");
    assertStringIncludes(mainText(overview), "2 people");
    assertStringIncludes(mainText(await admin.get("/admin/demo")), "There is no demo data.");
  });

  await t.step("users are found, sorted and changed", async () => {
    const found = await admin.get("/admin/users?q=noor&sort=createdAt&order=desc&page=zero");
    assertStringIncludes(mainText(found), "1–1 of 1 users");
    const path = `/admin/users/${member.userId}`;
    await admin.get(path);
    const changed = await admin.post(path, { role: "organiser", reason: "Asked by mail" });
    assertStringIncludes(mainText(changed), "Noor Haddad is changed.");
    const suspended = await admin.post(path, { status: "suspended", reason: "Spam" });
    assertStringIncludes(mainText(suspended), "Take the account back");
    const last = await admin.post(`/admin/users/${admin.userId}`, { role: "member" });

    assertEquals(last.status, 409);
    assertStringIncludes(mainText(await admin.get("/admin/users?q=zzz")), "Nobody matches");
  });

  await t.step("the audit log tells of it", async () => {
    const audit = await admin.get(`/admin/audit?targetId=${member.userId}`);

    assertStringIncludes(mainText(audit), "“Asked by mail”");
    assertStringIncludes(mainText(await admin.get("/admin/audit?action=none.such")), "No entry");
  });
});
