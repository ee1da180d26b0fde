import { assertEquals } from "@std/assert";
import { needsChromium } from "./chromium.ts";
import { ADMIN, openStage, signIn, watch } from "./stage.ts";

const FOLDER = Deno.env.get("DEVICE_FILES");
const PASSWORD = "quiet-lantern-42-harbour";
/** The specification's second, from the upload's answer to the pixels, on a machine that is busy. */
const SOON_MS = 5000;
/** Boards group digits by a narrow space. */
const SHOWS_SUM = () =>
  /13\s?843/.test(globalThis.document.querySelector("tr[data-id]")?.textContent ?? "");

const needs = await needsChromium("device files of an athlete move the admin's live page");

Deno.test({
  ...needs,
  name: FOLDER ? needs.name : `${needs.name} [needs DEVICE_FILES]`,
  ignore: needs.ignore || !FOLDER,
  async fn() {
    await using stage = await openStage();
    const call = caller(stage.product.url);
    const admin = await call("/auth/login", { json: ADMIN });
    const rule = { kind: "activity", metric: "distance", aggregate: "total" };
    const competition = await call("/competitions", {
      token: admin.accessToken,
      json: {
        name: "All Time Distance",
        startsAt: "2000-01-01T00:00:00Z",
        endsAt: "2035-01-01T00:00:00Z",
        scoring: { ...rule, activityTypes: ["running"] },
      },
    });
    await call(`/competitions/${competition.id}/publish`, { token: admin.accessToken, json: {} });
    const person = { email: "ada@example.org", password: PASSWORD, name: "Ada Runner" };
    const athlete = await call("/auth/register", { json: person });
    await call(`/competitions/${competition.id}/join`, { token: athlete.accessToken, json: {} });
    await using context = await stage.open();
    const page = await context.newPage();
    const pageWatch = await watch(page);
    await signIn(page, ADMIN);
    await page.goto(`/admin/competitions/${competition.id}`);
    await page.waitForSelector("[data-link=live]");
    await page.evaluate("window.__sameDocument = true");

    for (const name of ["run_fr110.fit", "run_fenix2_9km.fit"]) {
      const form = new FormData();
      form.append("file", new Blob([await Deno.readFile(`${FOLDER}/${name}`)]), name);
      await call("/fitness/import", { token: athlete.accessToken, form });
    }

    await page.waitForFunction(SHOWS_SUM, undefined, { timeout: SOON_MS });
    assertEquals(await page.evaluate("window.__sameDocument"), true);
    assertEquals(await pageWatch.faults(), { csp: [], hydration: [] });
  },
});

interface Body {
  token?: string | undefined;
  json?: unknown;
  form?: FormData;
}

function caller(url: string) {
  return async (
    path: string,
    { token, json, form }: Body,
  ): Promise<{ id: string; accessToken: string }> => {
    const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
    if (json !== undefined) headers.set("content-type", "application/json");
    const body = form ?? JSON.stringify(json);
    const res = await fetch(`${url}/api/v1${path}`, { method: "POST", headers, body });
    const answer = await res.json();
    if (!res.ok) throw new Error(`Cannot POST ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  };
}
