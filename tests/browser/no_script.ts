/** Everything that people do by forms, with scripts off. */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import type { Scenario } from "./scenario.ts";
import { ADMIN, register } from "./stage.ts";
import { track } from "./track.ts";

export const noScript: Scenario = {
  name: "every form works without script",
  async play(t, stage) {
    await using adminWindow = await stage.open({ javaScriptEnabled: false });
    await using memberWindow = await stage.open({ javaScriptEnabled: false });
    const admin = await adminWindow.newPage();
    const member = await memberWindow.newPage();

    await t.step("a wrong password is said, the address kept, and nothing more told", async () => {
      await admin.goto("/sign-in");
      await admin.getByLabel("E-mail").fill(ADMIN.email);
      await admin.getByLabel("Password").fill("not the password");
      const status = await submit(admin, "Sign in");

      assertEquals(status, 401);
      assertEquals(await admin.getByLabel("E-mail").inputValue(), ADMIN.email);
      assertEquals(await admin.getByLabel("Password").inputValue(), "");
      assertEquals(await admin.getByRole("alert").count(), 1);
    });

    await t.step("a page behind the sign-in comes after it", async () => {
      await admin.goto("/admin/competitions?q=cup");
      assertEquals(new URL(admin.url()).pathname, "/sign-in");
      await admin.getByLabel("E-mail").fill(ADMIN.email);
      await admin.getByLabel("Password").fill(ADMIN.password);
      await submit(admin, "Sign in");

      assert(admin.url().endsWith("/admin/competitions?q=cup"));
    });

    await t.step(
      "a faulty competition comes back with its values and a fault at each field",
      async () => {
        await admin.goto("/admin/competitions/new");
        await fillCompetition(admin, { Name: "", Ends: "2025-01-01T00:00", "At most": "many" });
        const status = await submit(admin, "Save draft");

        assertEquals(status, 422);
        assertEquals(await faults(admin), {
          name: "Fill this in",
          endsAt: "The end must be after the start",
          capacity: "Give a number",
        });
        assertEquals(await admin.getByLabel("At most", { exact: true }).inputValue(), "many");
        assertEquals(await admin.getByLabel("Starts").inputValue(), "2026-01-01T00:00");
        assert(await admin.getByRole("checkbox", { name: "Running" }).isChecked());
      },
    );

    await t.step("a rule is tried on sample athletes, and nothing is saved", async () => {
      await admin.goto("/admin/competitions/new");
      await fillCompetition(admin, { Name: "", Ends: "" });
      assertEquals(await submit(admin, "Preview"), 200);

      assertStringIncludes(await plainText(admin, ".preview-table tbody tr"), "Runner");
      assertEquals(await faults(admin), {});
    });

    await t.step("a draft is saved, edited and published", async () => {
      await admin.goto("/admin/competitions/new");
      await fillCompetition(admin, { Name: "Winter Cup", Ends: "2099-01-01T00:00" });
      await submit(admin, "Save draft");
      assertStringIncludes(await flash(admin), "The draft is saved");
      await admin.getByRole("link", { name: "Edit" }).first().click();
      await admin.getByLabel("At most", { exact: true }).fill("2");
      await submit(admin, "Save changes");
      assertStringIncludes(await flash(admin), "The changes are saved");
      await admin.getByRole("link", { name: "Publish…" }).first().click();
      await submit(admin, "Publish now");

      assertEquals(await flash(admin), "Winter Cup is published.");
      await admin.getByRole("link", { name: "Edit" }).click();
      assertEquals(await admin.getByLabel("Measures").count(), 0, "the rules are locked");
    });

    await t.step("a visitor registers, joins, uploads and sees what counted", async () => {
      await register(member, "Noor Haddad");
      await member.goto("/c/winter-cup");
      await submit(member, "Join this competition");
      assertEquals(await flash(member), "You are in. Good luck!");
      await upload(member, "run.gpx", track());

      const effect = await plainText(member, ".effect");
      assertStringIncludes(effect, "Winter Cup");
      assertStringIncludes(effect, "– → 200 m · rank 1");
      await member.goto("/c/winter-cup");
      assertEquals(await plainText(member, "tr[data-me] .board-score"), "200 m");
      assertEquals(await member.getAttribute("[data-link]", "data-link"), "still");
    });

    await t.step(
      "the same file again is known, a foreign one refused with its reason",
      async () => {
        await upload(member, "run.gpx", track());
        assertStringIncludes(await member.textContent("h1 + .outcomes") ?? "", "already here");
        await upload(member, "letter.gpx", "Dear Sir or Madam");

        assertEquals(Object.keys(await faults(member)), ["file"]);
        assertEquals(new URL(member.url()).pathname, "/me/upload");
      },
    );

    await t.step("a form without the session's token is refused", async () => {
      const status = await postWithoutToken(memberWindow, stage.product.url);

      assertEquals(status, 403);
    });

    await t.step("profile and password change", async () => {
      await member.goto("/me/profile");
      await member.getByLabel("Alias on boards").fill("Noor H.");
      await member.getByLabel("Time zone").fill("Nowhere/Land");
      assertEquals(await submit(member, "Save profile"), 422);
      assertEquals(Object.keys(await faults(member)), ["timeZone"]);
      await member.getByLabel("Time zone").fill("Asia/Beirut");
      await submit(member, "Save profile");
      assertEquals(await flash(member), "Your profile is saved.");
      await member.getByLabel("Present password").fill("wrong");
      await member.getByLabel("New password").fill("another-quiet-harbour-77");

      assertEquals(await submit(member, "Change password"), 422);
      assertEquals(Object.keys(await faults(member)), ["currentPassword"]);
    });

    await t.step(
      "an admin searches people and changes a role, which is in the audit log",
      async () => {
        await admin.goto("/admin/users");
        await admin.getByLabel("Search").fill("noor");
        await submit(admin, "Apply");
        assertEquals(await admin.locator("tbody tr").count(), 1);
        await admin.getByRole("link", { name: "Noor" }).click();
        await admin.getByLabel("May do what").selectOption("organiser");
        await submit(admin, "Change role");
        assertStringIncludes(await flash(admin), "is changed");
        await admin.getByRole("link", { name: "Changes" }).click();

        assert(await admin.locator("tbody tr").count() > 0);
      },
    );

    await t.step("cancelling asks for a reason and shows it to everybody", async () => {
      await admin.goto("/admin/competitions?q=winter");
      await admin.getByRole("link", { name: "Winter Cup" }).click();
      await admin.getByRole("link", { name: "Manage" }).click();
      assertEquals(await submit(admin, "Cancel this competition"), 422);
      assertEquals(Object.keys(await faults(admin)), ["reason"]);
      await admin.getByLabel("Reason").fill("The lake has thawed");
      await submit(admin, "Cancel this competition");

      await member.goto("/c/winter-cup");
      assertStringIncludes(await member.textContent("main") ?? "", "The lake has thawed");
    });

    await t.step("signing out ends the session", async () => {
      await member.locator(".account summary").click();
      await submit(member, "Sign out");
      await member.goto("/me");

      assertEquals(new URL(member.url()).pathname, "/sign-in");
    });
  },
};

async function fillCompetition(page: Page, fields: Record<string, string>): Promise<void> {
  const filled = { Starts: "2026-01-01T00:00", ...fields };
  for (const [label, value] of Object.entries(filled)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByRole("checkbox", { name: "Running" }).check();
}

/** Clicks and gives the status of the page that comes. */
async function submit(page: Page, button: string): Promise<number> {
  const answered = page.waitForResponse((res) => {
    return res.request().isNavigationRequest() && ![301, 302, 303, 308].includes(res.status());
  });
  await page.getByRole("main").or(page.locator(".account-menu"))
    .getByRole("button", { name: button, exact: true }).first().click();
  const res = await answered;
  await page.waitForLoadState();
  return res.status();
}

async function upload(page: Page, name: string, content: string): Promise<void> {
  await page.goto("/me/upload");
  const file = { name, mimeType: "application/gpx+xml", buffer: Buffer.from(content) };
  await page.getByLabel("File").setInputFiles(file);
  await submit(page, "Upload");
}

/** Faults by field. */
async function faults(page: Page): Promise<Record<string, string>> {
  const entries = await page.$$eval(".fault", (nodes) => {
    return nodes.map((node) => [node.id.replace("-fault", ""), node.textContent ?? ""] as const);
  });
  return Object.fromEntries(entries);
}

/** Text with plain spaces in place of those that never break a line. */
async function plainText(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector) ?? "").replaceAll(/\s+/g, " ").trim();
}

async function flash(page: Page): Promise<string> {
  return (await page.textContent(".flash"))?.trim() ?? "";
}

/** The cookie alone does not speak for its owner. */
async function postWithoutToken(context: BrowserContext, origin: string): Promise<number> {
  const res = await context.request.post("/me/profile", {
    form: { name: "Mallory" },
    headers: { origin, "sec-fetch-site": "same-origin" },
  });
  return res.status();
}
