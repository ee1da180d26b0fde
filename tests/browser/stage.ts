/** Product and browser together, and pages that remember what went wrong on them. */

import axe from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { assertEquals } from "@std/assert";
import { launchChromium } from "./chromium.ts";
import { type Product, startProduct } from "../support/product.ts";

/** The first admin, as the README makes one. */
export const ADMIN = { email: "admin@example.org", password: "correct-horse-42" };

/** Of everybody else. */
export const PASSWORD = "quiet-lantern-42-harbour";

/** Sizes that people come with; what moves is judged where it ends. */
export const SIZES: Record<string, BrowserContextOptions> = {
  desktop: { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    reducedMotion: "reduce",
  },
};

/** A running product with a browser beside it. */
export interface Stage extends AsyncDisposable {
  product: Product;
  browser: Browser;
  /** Opens a window of its own: cookies, size and colours. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
}

/** Starts both; `DEMO` is off unless asked for, and `ADMIN` may sign in. */
export async function openStage(env: Record<string, string> = {}): Promise<Stage> {
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
  const product = await startProduct({ DEMO: "off", ...admin, ...RATES, ...env });
  try {
    const browser = await launchChromium();
    return {
      product,
      browser,
      async open(options = {}) {
        const context = await browser.newContext({ baseURL: product.url, ...options });
        context.setDefaultTimeout(TIMEOUT_MS);
        return context;
      },
      async [Symbol.asyncDispose]() {
        await browser.close();
        await product[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await product[Symbol.asyncDispose]();
    throw error;
  }
}

/** Far longer than any page takes, short enough to learn of a fault soon. */
const TIMEOUT_MS = 60_000;

/** One machine plays all people here, faster than people are. */
const RATES = { RATE_LIMIT_DEFAULT: "off", RATE_LIMIT_AUTH: "off", RATE_LIMIT_AUTH_ADDRESS: "off" };

/** Signs in by the form. */
export async function signIn(page: Page, person: { email: string; password: string }) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Makes an account by the form; ends on one's own page. */
export async function register(page: Page, name: string): Promise<{ email: string }> {
  const email = `${name.toLowerCase().replaceAll(" ", ".")}@example.org`;
  await page.goto("/register");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make an account" }).click();
  await page.waitForURL("**/me");
  return { email };
}

/** What went wrong on a page since it was opened. */
export interface Watch {
  console: string[];
  /** Resolves with what the content policy refused and what hydration added or removed. */
  faults(): Promise<{ csp: string[]; hydration: string[] }>;
}

/** Watches the console, the content policy and hydration; call before the first navigation. */
export async function watch(page: Page): Promise<Watch> {
  const log: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) log.push(message.text());
  });
  page.on("pageerror", (error) => log.push(String(error)));
  await page.addInitScript({ content: RECORDER });
  return {
    console: log,
    faults: () => page.evaluate("({ csp: __csp, hydration: __hydration })"),
  };
}

/** Runs in the page: elements that come or go before the islands answer are hydration's doing. */
const RECORDER = `
  window.__csp = [];
  window.__hydration = [];
  addEventListener("securitypolicyviolation", (event) => {
    __csp.push(event.violatedDirective + " " + event.blockedURI);
  });
  document.addEventListener("readystatechange", () => {
    if (document.readyState !== "interactive") return;
    new MutationObserver((records) => {
      if (document.documentElement.dataset.hydrated !== undefined) return;
      for (const { addedNodes, removedNodes } of records) {
        for (const node of addedNodes) if (node.nodeType === 1) __hydration.push("+" + node.nodeName);
        for (const node of removedNodes) if (node.nodeType === 1) __hydration.push("-" + node.nodeName);
      }
    }).observe(document.body, { childList: true, subtree: true });
  });`;

/** Resolves when the page's islands answer, at once where it has none. */
export async function hydrated(page: Page): Promise<void> {
  if (await page.locator("#fresh-data").count() === 0) return;
  await page.waitForSelector("html[data-hydrated]", { state: "attached" });
}

/** Runs in the page: resolves when nothing fades any more. */
export const AT_REST =
  `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
  Promise.allSettled(document.getAnimations().map(({ finished }) => finished)).then(() => done()))))`;

/** Fails with every violation that axe finds, on the whole page or in the parts at some selectors. */
export async function checkAccessible(
  page: Page,
  where: string,
  parts?: readonly string[],
): Promise<void> {
  // Colours between two states are nobody's choice.
  await page.evaluate(AT_REST);
  await page.evaluate(axe.source);
  const context = parts ? JSON.stringify({ include: parts }) : "document";
  const found = await page.evaluate(
    `axe.run(${context}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.target).join(", ")))`,
  );
  assertEquals(found, [], where);
}
