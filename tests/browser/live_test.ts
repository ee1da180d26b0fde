import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { createApi } from "./api.ts";
import { needsChromium } from "./chromium.ts";
import { ADMIN, hydrated, openStage, signIn, watch } from "./stage.ts";

/** The specification's second, from the update to the pixels, on a machine that is busy. */
const SOON_MS = 5000;

Deno.test({
  ...await needsChromium("a live board moves on every page without a reload"),
  async fn(t) {
    await using stage = await openStage();
    const api = await createApi(stage.product.url, ADMIN);
    const competition = await api.makeCompetition({ name: "Sprint League" });
    const people = await Promise.all(
      ["Ada Aalto", "Ben Berg", "Cai Costa"].map((name) => api.makeParticipant(competition, name)),
    );
    const [ada, ben] = people as [string, string, string];
    await api.score(competition, ada, 10);
    await api.score(competition, ben, 9);
    await using admin = await stage.open();
    const panel = await admin.newPage();
    await signIn(panel, ADMIN);
    const panelWatch = await watch(panel);
    await panel.goto(`/admin/competitions/${competition.id}`);
    await using visitor = await stage.open();
    const board = await visitor.newPage();
    await board.goto(`/c/${competition.slug}`);
    const wall = await visitor.newPage();
    await wall.goto(`/c/${competition.slug}?view=wall`);
    const pages = { panel, board, wall };

    await t.step("each page says that it is live", async () => {
      for (const page of Object.values(pages)) {
        await hydrated(page);
        await page.waitForSelector("[data-link=live]");
        assertEquals(await names(page), ["Ada Aalto", "Ben Berg", "Cai Costa"]);
      }
    });

    await t.step("an update moves the row within a second, keeping its element", async () => {
      for (const page of Object.values(pages)) await page.evaluate("window.__sameDocument = true");
      const row = await board.$(`tr[data-id]:nth-child(2)`);
      await api.score(competition, ben, 12);

      for (const [name, page] of Object.entries(pages)) {
        await page.waitForFunction(FIRST_IS, "Ben Berg", { timeout: SOON_MS });
        assert(await page.evaluate("window.__sameDocument === true"), `${name} was reloaded`);
      }
      assert(
        await row?.evaluate((node) => (node as unknown as { isConnected: boolean }).isConnected),
      );
      assertEquals(
        await row?.evaluate((node) => (node as unknown as { rowIndex: number }).rowIndex),
        1,
      );
    });

    await t.step("arrows tell who won and lost places", async () => {
      assertEquals(await texts(board, "tr:nth-child(1) .hidden-text"), ["up 1 place"]);
      assertEquals(await texts(board, "tr:nth-child(2) .hidden-text"), ["down 1 place"]);
    });

    await t.step("somebody new appears, and the offset moves on", async () => {
      const before = await offset(panel);
      const dana = await api.makeParticipant(competition, "Dana Dahl");
      await api.score(competition, dana, 20);

      await panel.waitForFunction(FIRST_IS, "Dana Dahl", { timeout: SOON_MS });
      assert(await offset(panel) > before);
      assertEquals(await names(panel), ["Dana Dahl", "Ben Berg", "Ada Aalto", "Cai Costa"]);
    });

    await t.step("the overview counts viewers and draws its chart", async () => {
      const overview = await admin.newPage();
      await overview.goto("/admin");
      await hydrated(overview);
      const drawn = await overview.getAttribute(".chart .line", "d");
      await overview.waitForFunction(
        (before) => {
          const line = globalThis.document.querySelector(".chart .line");
          return line?.getAttribute("d") !== before;
        },
        drawn,
      );
      await overview.close();
    });

    await t.step("a lost connection is said, not hidden", async () => {
      assertEquals(panelWatch.console, []);
      await stage.product.stop();

      await board.waitForSelector("[data-link=waiting], [data-link=connecting]");
      assertEquals((await names(board)).length, 4);
    });
  },
});

const FIRST_IS = (name: string) => {
  const first = globalThis.document.querySelector(".board tbody tr .board-name");
  return first?.firstChild?.textContent === name;
};

async function names(page: Page): Promise<string[]> {
  return await page.$$eval(
    ".board-name",
    (cells) => cells.map((cell) => cell.firstChild?.textContent ?? ""),
  );
}

function texts(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(selector, (nodes) => nodes.map((node) => node.textContent ?? ""));
}

async function offset(page: Page): Promise<number> {
  return Number(await page.getAttribute("[data-offset]", "data-offset"));
}
