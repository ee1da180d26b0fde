import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { createApi, type Participant } from "./api.ts";
import type { Scenario } from "./scenario.ts";
import { ADMIN, hydrated, signIn, watch } from "./stage.ts";

/**
 * Pictures drawn at the most before a page shows what it was sent. That the server sends within its
 * window is tested with a clock in hand; the rest of the specification's second would be a statement
 * about the machine.
 */
const FRAMES_MAX = 2;

export const live: Scenario = {
  name: "a live board moves on every page without a reload",
  async play(t, stage) {
    const api = await createApi(stage.product.url, ADMIN);
    const competition = await api.makeCompetition({ name: "Sprint League" });
    const people = await Promise.all(
      ["Ada Aalto", "Ben Berg", "Cai Costa"].map((name) => api.makeParticipant(competition, name)),
    );
    const [ada, ben] = people as [Participant, Participant, Participant];
    await api.score(competition, ada, 10);
    await api.score(competition, ben, 9);
    await using admin = await stage.open();
    const panel = await admin.newPage();
    await signIn(panel, ADMIN);
    const panelWatch = await watch(panel);
    await countFrames(panel);
    await panel.goto(`/admin/competitions/${competition.id}`);
    await using visitor = await stage.open();
    const board = await visitor.newPage();
    await countFrames(board);
    await board.goto(`/c/${competition.slug}`);
    const wall = await visitor.newPage();
    await countFrames(wall);
    await wall.goto(`/c/${competition.slug}?view=wall`);
    const pages = { panel, board, wall };

    await t.step("each page says that it is live", async () => {
      for (const page of Object.values(pages)) {
        await hydrated(page);
        await page.waitForSelector("[data-link=live]");
        assertEquals(await names(page), ["Ada Aalto", "Ben Berg", "Cai Costa"]);
      }
    });

    await t.step(
      "an update moves the row as soon as the page is told, keeping its element",
      async () => {
        for (const page of Object.values(pages)) {
          await page.evaluate(
            "window.__sameDocument = true",
          );
        }
        const row = await board.$(`tr[data-id]:nth-child(2)`);
        await api.score(competition, ben, 12);

        for (const [name, page] of Object.entries(pages)) {
          await page.waitForFunction(FIRST_IS, "Ben Berg");
          assertEquals(await lateFrames(page), [], name);
          assert(await page.evaluate("window.__sameDocument === true"), `${name} was reloaded`);
        }
        assert(
          await row?.evaluate((node) => (node as unknown as { isConnected: boolean }).isConnected),
        );
        assertEquals(
          await row?.evaluate((node) => (node as unknown as { rowIndex: number }).rowIndex),
          1,
        );
      },
    );

    await t.step("arrows tell who won and lost places", async () => {
      assertEquals(await texts(board, "tr:nth-child(1) .hidden-text"), ["up 1 place"]);
      assertEquals(await texts(board, "tr:nth-child(2) .hidden-text"), ["down 1 place"]);
    });

    await t.step("somebody new appears, and the offset moves on", async () => {
      const before = await offset(panel);
      const dana = await api.makeParticipant(competition, "Dana Dahl");
      await api.score(competition, dana, 20);

      await panel.waitForFunction(FIRST_IS, "Dana Dahl");
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
};

/** Notes, for each delta with a new first row, how many frames were drawn until the page shows it. */
const COUNTER = `
  window.__framesUntilShown = [];
  const PlainSocket = WebSocket;
  window.WebSocket = class extends PlainSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        const { type, rows } = JSON.parse(data);
        const first = type === "delta" && rows.find(({ rank }) => rank === 1);
        if (first) count(first.name, 0);
      });
    }
  };
  const shown = () => document.querySelector(".board tbody tr .board-name")?.firstChild?.textContent;
  const count = (name, drawn) => requestAnimationFrame(() => {
    if (shown() === name) __framesUntilShown.push(drawn);
    else count(name, drawn + 1);
  });`;

async function countFrames(page: Page): Promise<void> {
  await page.addInitScript({ content: COUNTER });
}

/** What took too many frames, of all that was counted since the page was opened. */
async function lateFrames(page: Page): Promise<number[]> {
  await page.waitForFunction("__framesUntilShown.length > 0");
  const frames = await page.evaluate<number[]>("__framesUntilShown");
  return frames.filter((count) => count > FRAMES_MAX);
}

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
