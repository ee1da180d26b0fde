/** The participant's page as an app: what a phone needs to install it, offline, and its "share". */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { BrowserContext, Page } from "playwright-core";
import type { Scenario } from "./scenario.ts";
import { register } from "./stage.ts";
import { track } from "./track.ts";

export const installed: Scenario = {
  name: "one's own page installs, opens without a network and takes shares",
  async play(t, stage) {
    await using context = await stage.open();
    const page = await context.newPage();
    await register(page, "Aino Salo");

    await t.step("the browser finds nothing that keeps it from installing", async () => {
      const devtools = await context.newCDPSession(page);
      const { errors, data } = await devtools.send("Page.getAppManifest");
      const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");

      assertEquals(errors, []);
      assertEquals(installabilityErrors, []);
      const { start_url: start, display, share_target: share, icons } = JSON.parse(data!);
      assertEquals([start, display, share.action, share.method], [
        "/me",
        "standalone",
        "/me/share",
        "POST",
      ]);
      for (const { src, sizes, type } of icons) {
        const icon = await fetch(new URL(src, stage.product.url));
        assertEquals([icon.status, icon.headers.get("content-type")], [200, type], src);
        await checkSize(icon, sizes);
      }
    });

    await t.step("the worker keeps files, and nothing that was said to a person", async () => {
      await page.evaluate("navigator.serviceWorker.ready.then(() => {})");
      await page.goto("/me");
      await page.goto("/me/profile");
      const kept = await keptPaths(page);

      assert(kept.includes("/offline.html") && kept.includes("/styles/tokens.css"), `${kept}`);
      assertEquals(kept.filter((path) => !STATIC.test(path)), []);
    });

    await t.step("without a network a page of its own opens, and the way back works", async () => {
      await context.setOffline(true);
      await page.goto("/me");
      await page.getByRole("heading", { name: "There is no network" }).waitFor();
      assertEquals(await page.getByText("Aino").count(), 0);
      await context.setOffline(false);
      await page.getByRole("link", { name: "Try again" }).click();

      await page.getByRole("heading", { name: "My page" }).waitFor();
    });

    await t.step("a share of the browser itself is taken, once for each file", async () => {
      const one = await share(stage.product.url, context, { files: 1, site: "none" });
      const two = await share(stage.product.url, context, { files: 2, site: "none" });

      assertEquals(one.status, 303);
      assert(/^\/me\/imports\/[0-9a-f-]{36}$/.test(one.location), one.location);
      assertEquals([two.status, two.location], [303, "/me/imports"]);
      await page.goto("/me");
      assertEquals(await page.locator("[aria-labelledby=imports] tbody tr").count(), 3);
    });

    await t.step("who is not signed in is asked to, and the file is not kept", async () => {
      await using nobody = await stage.open();
      const { status, location } = await share(stage.product.url, nobody, {
        files: 1,
        site: "none",
      });

      assertEquals([status, location], [303, "/sign-in?next=%2Fme%2Fupload"]);
    });

    await t.step("other sites and pages without the token cannot share in one's name", async () => {
      for (const site of ["cross-site", "same-site", "same-origin", undefined]) {
        const { status } = await share(stage.product.url, context, { files: 1, site });
        assertEquals(status, 403, site);
      }
      await using stranger = await serveForm(`${stage.product.url}/me/share`);
      const other = await context.newPage();
      const refused = other.waitForResponse((res) => res.url().endsWith("/me/share"));
      await other.goto(stranger.url);
      await other.locator("input[type=file]").setInputFiles({
        name: "theirs.gpx",
        mimeType: "application/gpx+xml",
        buffer: Buffer.from(track()),
      });
      await other.locator("button").click();
      assertEquals((await refused).status(), 403);

      await page.goto("/me/imports");
      assertEquals(await page.locator("tbody tr").count(), 3);
    });
  },
};

/** Where static files lie. */
const STATIC = /^\/(styles\/|fonts\/|_fresh\/|offline\.html$|[\w.-]+\.(svg|png|js|webmanifest)$)/;

function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(`caches.keys().then(async (names) => {
    const kept = [];
    for (const name of names) {
      for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
    }
    return kept;
  })`);
}

/** The first bytes of a PNG tell its size. */
async function checkSize(icon: Response, sizes: string): Promise<void> {
  const bytes = await icon.arrayBuffer();
  if (sizes === "any") return;
  const head = new DataView(bytes);
  assertEquals(`${head.getUint32(16)}x${head.getUint32(20)}`, sizes);
}

/** A share as the browser posts it: with the person's cookies, and where it comes from. */
async function share(
  url: string,
  context: BrowserContext,
  { files, site }: { files: number; site: string | undefined },
): Promise<{ status: number; location: string }> {
  const form = new FormData();
  form.append("title", "My run");
  for (let n = 0; n < files; n++) {
    form.append("file", new File([track()], `run ${files} ${n}.gpx`));
  }
  const cookies = (await context.cookies(url)).map(({ name, value }) => `${name}=${value}`);
  const headers = new Headers({ cookie: cookies.join("; "), origin: "null" });
  if (site === "same-origin") headers.set("origin", new URL(url).origin);
  if (site !== undefined) headers.set("sec-fetch-site", site);
  const init = { method: "POST", body: form, headers, redirect: "manual" } as const;
  const res = await fetch(`${url}/me/share`, init);
  await res.body?.cancel();
  return { status: res.status, location: res.headers.get("location") ?? "" };
}

/** Another site with a form that leads here. */
function serveForm(action: string): AsyncDisposable & { url: string } {
  const html = `<form method="post" enctype="multipart/form-data" action="${action}">
    <input type="file" name="file"><button>Win a prize</button></form>`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    return new Response(html, { headers: { "content-type": "text/html" } });
  });
  // Another host name is another site to a browser.
  const url = `http://localhost:${server.addr.port}/`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}
