/**
 * `f-client-nav`: links and forms fetch the next page and swap the partials both pages have. Without
 * it everything works by full page loads, and whatever it cannot do is left to one.
 *
 * @module
 */

import { disposeIslands, hydrateIslands, keepIslands, nodesIn, regionsOf } from "./islands.ts";
import {
  getFormUrl,
  isSamePage,
  landedUrl,
  partialUrl,
  takesClick,
  takesTarget,
  textFields,
} from "./rules.ts";

interface Visit {
  /** Address to show. */
  url: URL;
  /** Where the regions come from, when not from the page itself (`f-partial`). */
  source: URL;
  init: RequestInit;
  /** `pop` is the way back or forward: the address is there already. */
  kind: "push" | "pop";
  /** Does the same by a full page load. */
  fallBack(): void;
}

let running = new AbortController();
/** Address of what the document shows, which a `popstate` is ahead of. */
let shown = new URL(location.href);
/** A form that is sent natively after its fetch failed. */
let native: HTMLFormElement | undefined;

addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a");
  if (!(link instanceof HTMLAnchorElement) || !link.href || !isEnabled(link)) return;
  const url = new URL(link.href);
  const { target } = link;
  const download = link.getAttribute("download");
  if (!takesClick(event, { url, target, download }, new URL(location.href))) return;
  event.preventDefault();
  const source = sourceOf(link, url);
  visit({ url, source, init: {}, kind: "push", fallBack: () => location.assign(url) });
});

addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const button = event.submitter;
  const setting = (name: string) =>
    button?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
  const action = new URL(setting("action") || location.href, document.baseURI);
  const method = setting("method").toUpperCase() || "GET";
  if (event.defaultPrevented || !isEnabled(form) || form === native || method === "DIALOG") return;
  if (!takesTarget(action, setting("target"), new URL(location.href))) return;
  event.preventDefault();
  const fields = new FormData(form, button);
  const url = method === "GET" ? getFormUrl(action, fields) : action;
  const init = method === "GET" ? {} : { method, body: bodyOf(fields, setting("enctype")) };
  const fallBack = () => {
    native = form;
    form.requestSubmit(button);
    native = undefined;
  };
  visit({ url, source: sourceOf(form, url), init, kind: "push", fallBack });
});

addEventListener("popstate", () => {
  const url = new URL(location.href);
  if (isSamePage(url, shown)) return; // only the fragment moved
  visit({ url, source: url, init: {}, kind: "pop", fallBack: () => location.reload() });
});

// A reload or a return from another site is the browser's to scroll, a swap is ours.
addEventListener("pagehide", () => history.scrollRestoration = "auto");
addEventListener("scrollend", () => {
  history.replaceState({ ...history.state, freshScroll: [scrollX, scrollY] }, "");
});

const announcer = document.getElementById("fresh-announcer")!;
// For screen readers only; the content policy lets scripts set styles, not markup.
announcer.style.cssText =
  "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";

function isEnabled(element: Element): boolean {
  const setting = element.closest("[f-client-nav]")?.getAttribute("f-client-nav");
  return setting !== undefined && setting !== "false";
}

function sourceOf(element: Element, url: URL): URL {
  return new URL(element.getAttribute("f-partial") ?? url, location.href);
}

function bodyOf(fields: FormData, enctype: string): BodyInit {
  return enctype === "multipart/form-data" ? fields : textFields(fields);
}

async function visit(visit: Visit): Promise<void> {
  running.abort(); // the last click wins
  const { signal } = running = new AbortController();
  document.documentElement.dataset.navigating = "";
  let landed: URL | undefined;
  try {
    const res = await fetch(partialUrl(visit.source), { ...visit.init, signal });
    landed = landedUrl(visit.url, res);
    const page = await readPage(res);
    if (signal.aborted) return;
    if (page && canShow(page, visit)) await show(page, landed, visit.kind);
    else leave(visit, landed);
  } catch (error) {
    if (signal.aborted) return;
    if (landed) reportError(error);
    leave(visit, landed);
  } finally {
    if (!signal.aborted) delete document.documentElement.dataset.navigating;
  }
}

/** A full page load instead; what was answered once is not sent again. */
function leave(visit: Visit, landed: URL | undefined): void {
  if (landed && visit.init.method) location.assign(landed);
  else visit.fallBack();
}

async function readPage(res: Response): Promise<Document | undefined> {
  if (!res.headers.get("content-type")?.startsWith("text/html")) return undefined;
  return new DOMParser().parseFromString(await res.text(), "text/html");
}

/** The pages share a region, and the scripts here are still those of the server. */
function canShow(page: Document, { init }: Visit): boolean {
  const isSameBuild = page.documentElement.dataset.build === document.documentElement.dataset.build;
  const here = new Set(regionsOf(document.body, "partial").map(({ fields }) => fields[0]));
  const isShared = regionsOf(page.body, "partial").some(({ fields }) => here.has(fields[0]));
  return isShared && (isSameBuild || init.method !== undefined);
}

async function show(page: Document, landed: URL, kind: Visit["kind"]): Promise<void> {
  const isSamePath = landed.pathname === shown.pathname;
  const focusId = document.activeElement?.id;
  if (kind === "push") moveTo(landed);
  shown = landed;
  await addStyles(page);
  document.title = page.title;
  swapRegions(page);
  markCurrentLinks(page);
  const hydrated = hydrateIslands(page);
  moveFocus(isSamePath, focusId);
  if (kind === "push") scrollToHash(landed.hash);
  else scrollTo(...(history.state?.freshScroll as [number, number] | undefined ?? [0, 0]));
  announcer.textContent = page.title;
  await hydrated;
}

function moveTo(landed: URL): void {
  history.scrollRestoration = "manual";
  if (landed.href === location.href) return;
  history.replaceState({ ...history.state, freshScroll: [scrollX, scrollY] }, "");
  history.pushState(null, "", landed);
}

/** Style sheets that only the next page has, loaded before it shows. */
async function addStyles(page: Document): Promise<void> {
  const sheets = "link[rel=stylesheet]";
  const here = new Set(
    [...document.querySelectorAll(sheets)].map((link) => link.getAttribute("href")),
  );
  const missing = [...page.querySelectorAll(sheets)].filter((l) =>
    !here.has(l.getAttribute("href"))
  );
  await Promise.all(missing.map((sheet) => {
    const link = document.importNode(sheet, true);
    return new Promise((done) => {
      link.addEventListener("load", done);
      link.addEventListener("error", done);
      document.head.append(link);
    });
  }));
}

function swapRegions(page: Document): void {
  const next = regionsOf(page.body, "partial").reverse(); // outer first: an inner one goes with it
  const here = regionsOf(document.body, "partial");
  for (const region of next) {
    const old = here.find(({ start, fields }) =>
      fields[0] === region.fields[0] && start.isConnected
    );
    if (!old || !page.contains(region.start)) continue;
    const incoming = document.createDocumentFragment();
    incoming.append(...nodesIn(region));
    if (region.fields[1] === "replace") {
      keepIslands(nodesIn(old), incoming, page);
      disposeIslands(nodesIn(old)); // without those that moved
      nodesIn(old).forEach((node) => node.remove());
    }
    if (region.fields[1] === "prepend") old.start.after(incoming);
    else old.end.before(incoming);
  }
}

/** Menus outside the regions: what the next page says of its links holds here too. */
function markCurrentLinks(page: Document): void {
  for (const link of document.querySelectorAll("a[href]")) {
    const twin = page.querySelector(`a[href="${CSS.escape(link.getAttribute("href")!)}"]`);
    const current = twin?.getAttribute("aria-current");
    if (current) link.setAttribute("aria-current", current);
    else if (!link.closest("main")) link.removeAttribute("aria-current");
  }
}

/** The same page in another state keeps the focus; another page begins at its main part. */
function moveFocus(isSamePath: boolean, focusId: string | undefined): void {
  const isKept = document.activeElement && document.activeElement !== document.body;
  if (isSamePath && isKept) return;
  const same = isSamePath && focusId ? document.getElementById(focusId) : null;
  const target = same ?? document.querySelector<HTMLElement>("main [autofocus], [f-focus]") ??
    document.querySelector("main") ?? document.body;
  if (target.tabIndex < 0 && !target.hasAttribute("tabindex")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

function scrollToHash(hash: string): void {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (target) target.scrollIntoView();
  else scrollTo(0, 0);
}
