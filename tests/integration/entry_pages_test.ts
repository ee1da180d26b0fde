/** Invites, conditions and series by forms, as a browser without script sees them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openTestApp, TEST_PASSWORD, type TestApp } from "../support/app.ts";
import { createPageClient, faultsOf, mainText, type PageClient } from "../support/page_client.ts";
import type { Role } from "@/domain/actor.ts";

const CUP = {
  name: "Park Week",
  description: "",
  visibility: "invite",
  inviteCode: "SNOW-2026",
  timeZone: "Europe/Helsinki",
  startsAt: "2026-05-04T00:00",
  endsAt: "2026-05-11T00:00",
  graceHours: "0",
  "scoring.kind": "activity",
  "scoring.metric": "steps",
  "scoring.aggregate": "days_at_goal",
  "scoring.dailyGoal": "8000",
  "scoring.direction": "higher",
  "scoring.manualPolicy": "exclude",
  rankMethod: "standard",
};

async function signedIn(test: TestApp, role: Role, name: string): Promise<PageClient> {
  const { email } = await test.person(role, name);
  const client = createPageClient(test);
  await client.get("/sign-in");
  await client.post("/sign-in", { email, password: TEST_PASSWORD });
  return client;
}

Deno.test("an organiser asks, invites and repeats; a guest comes by the link and sees what is missing", async (t) => {
  await using test = await openTestApp();
  const organiser = await signedIn(test, "organiser", "Olga Ortiz");
  const visitor = createPageClient(test);
  await organiser.get("/admin/competitions/new");
  let base = "";
  let code = "";

  await t.step("faults of conditions and repetition stand beside their fields", async () => {
    const refused = await organiser.post("/admin/competitions/new", {
      ...CUP,
      "entryConditions.minimumAge": "old",
      "entryConditions.countries": "Finland",
      "recurrence.every": "daily",
      "recurrence.count": "1",
    });
    const faults = Object.keys(faultsOf(refused));
    for (const name of ["entryConditions-minimumAge", "entryConditions-countries"]) {
      assert(faults.includes(name), JSON.stringify(faultsOf(refused)));
    }
    assert(faults.includes("recurrence-count"), JSON.stringify(faultsOf(refused)));
    const overlapping = await organiser.post("/admin/competitions/new", {
      ...CUP,
      "recurrence.every": "daily",
    });
    assertStringIncludes(faultsOf(overlapping)["recurrence-every"] ?? "", "must end before");
  });

  await t.step("what is set comes back in the form", async () => {
    const draft = await organiser.post("/admin/competitions/new", {
      ...CUP,
      "entryConditions.minimumAge": "16",
      "entryConditions.countries": "fi se",
      "entryConditions.acceptRules": "on",
      finalization: "automatic",
      "recurrence.every": "weekly",
      "recurrence.count": "3",
    });
    assertEquals(draft.status, 200, JSON.stringify(faultsOf(draft)));
    base = draft.path;
    const form = await organiser.get(`${base}/edit`);
    assertMatch(form.html, /name="entryConditions.countries"[^>]*value="FI, SE"|value="FI, SE"/);
    assertMatch(form.html, /<option value="weekly" selected/);
    await organiser.post(`${base}/danger`, { action: "publish" });
  });

  await t.step("an invite is made, shown as a QR code, and listed", async () => {
    const list = await organiser.get(`${base}/invites`);
    assertStringIncludes(mainText(list), "No invites yet");
    const bad = await organiser.post(`${base}/invites`, { usesMax: "many", email: "nobody" });
    assertEquals(Object.keys(faultsOf(bad)).toSorted(), ["email", "usesMax"]);
    const poster = await organiser.post(`${base}/invites`, { label: "Poster", usesMax: "1" });
    assertMatch(poster.html, /<svg class="qr"[\s\S]*<path d="M4 4h7/);
    code = /\/i\/([0-9a-z-]+)/.exec(poster.html)?.[1] ?? "";
    assertStringIncludes(mainText(await organiser.get(`${base}/invites`)), "0 of 1");
  });

  await t.step("a visitor is led to an account and back", async () => {
    const page = await visitor.get(`/i/${code}`);
    assertStringIncludes(mainText(page), "You are invited to Park Week");
    assertStringIncludes(mainText(page), "At least 16 years old");
    assertStringIncludes(page.html, `/register?next=/i/${code}`);
    const nothing = await visitor.get(`/i/${code.slice(0, -1)}u`);
    assertEquals([nothing.status, mainText(nothing).includes("Park Week")], [404, false]);
    await visitor.get(`/register?next=/i/${code}`);
    const back = await visitor.post("/register", {
      ...{ name: "Gus Gray", email: "gus@example.org", password: TEST_PASSWORD },
      next: `/i/${code}`,
    });
    assertEquals(back.path, `/i/${code}`);
    assertStringIncludes(mainText(back), "Complete your profile");
  });

  await t.step(
    "with a profile and consent the guest is in, and the invite is used up",
    async () => {
      await visitor.get("/me/profile");
      const saved = await visitor.post("/me/profile", {
        ...{
          name: "Gus Gray",
          country: "FI",
          birthDate: "1990-02-03",
          timeZone: "UTC",
          locale: "en",
        },
      });
      assertStringIncludes(mainText(saved), "Your profile is saved");
      assertStringIncludes(mainText(await visitor.get(`/i/${code}`)), "I agree to the rules");
      const refused = await visitor.post(`/i/${code}`, {});
      assertStringIncludes(mainText(refused), "a condition is not met");
      const joined = await visitor.post(`/i/${code}`, { acceptRules: "on" });
      assertStringIncludes(mainText(joined), "You are in. Good luck!");
      const other = await signedIn(test, "member", "Noor Haddad");
      assertStringIncludes(mainText(await other.get(`/i/${code}`)), "used as often as it may be");
      const door = await other.get("/c/park-week/join?inviteCode=SNOW-2026");
      assertStringIncludes(mainText(door), "Join Park Week");
      assertEquals((await other.get("/c/park-week/join?inviteCode=RAIN-2026")).status, 403);
    },
  );

  await t.step("an invite is revoked, with nobody thrown out", async () => {
    const made = await organiser.post(`${base}/invites`, { label: "Mail" });
    const inviteId = made.path.split("/").at(-1)!;
    await organiser.post(`${base}/invites`, { action: "revoke", inviteId });
    assertStringIncludes(mainText(await organiser.get(`${base}/invites`)), "Revoked");
    const member = await signedIn(test, "referee", "Rhea Rix");
    assertEquals((await member.get(`${base}/invites`)).status, 403);
  });

  await t.step("the series is steered, and its pages lead to each other", async () => {
    const tab = await organiser.get(`${base}/series`);
    assertStringIncludes(mainText(tab), "Every week, 3 times in all");
    await organiser.post(`${base}/series`, { action: "skip", index: "1" });
    test.time.advance(Date.parse("2026-05-10T21:00:00Z") - test.time.now());
    assertEquals((await test.services.jobs.runDue()).failed, []);
    const next = await organiser.get("/c/park-week-3");
    assertStringIncludes(mainText(next), "No. 3");
    assertStringIncludes(next.html, 'href="/c/park-week" rel="prev"');
    assertStringIncludes(mainText(await visitor.get("/c/park-week")), "0 of 7 days at the goal");
    const stopped = await organiser.post(`${base}/series`, { action: "stop" });
    assertStringIncludes(mainText(stopped), "Stopped");
  });
});
