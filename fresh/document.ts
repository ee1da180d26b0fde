import type { ComponentChildren } from "preact";
import type { AppRuntime } from "./app_runtime.ts";
import { renderPage } from "./render.ts";

/** Renders a whole page and puts what it needs in the browser into place. Nothing inline is emitted. */
export function renderDocument(view: ComponentChildren, runtime: AppRuntime): string {
  const page = renderPage(view, runtime.islands);
  const isWhole = page.html.startsWith("<html");
  const html = isWhole
    ? page.html
    : `<html><head><meta charset="utf-8"></head><body>${page.html}</body></html>`;
  const headEnd = html.indexOf("</head>");
  const bodyEnd = html.lastIndexOf("</body>");
  if (headEnd < 0 || bodyEnd < 0) throw new TypeError("Cannot render page: no <head> or <body>");
  const head = html.slice("<html".length, headEnd) + page.head;
  const needs = page.islands.map((island) => island.name);
  const clientNav = usesClientNav(html);
  const scripts = scriptTags(runtime, needs, clientNav);
  const announcer = clientNav ? `<div id="fresh-announcer" aria-live="polite"></div>` : "";
  const start = `<!DOCTYPE html><html data-build="${runtime.buildId}"`;
  return start + lastTitleOnly(head) + scripts + html.slice(headEnd, bodyEnd) + announcer +
    page.tail +
    html.slice(bodyEnd);
}

function usesClientNav(html: string): boolean {
  return /\sf-client-nav(?:="(?:true)?")?[\s>]/.test(html);
}

/** A page's own title replaces the frame's. */
function lastTitleOnly(head: string): string {
  const titles = [...head.matchAll(/<title>[^<]*<\/title>/g)];
  return titles.slice(0, -1).reduce((html, [title]) => html.replace(title, ""), head);
}

function scriptTags(runtime: AppRuntime, islands: string[], clientNav: boolean): string {
  const started = [
    ...(islands.length > 0 ? ["boot"] : []),
    ...(clientNav ? ["navigation"] : []),
    ...(runtime.config.mode === "development" ? ["alive"] : []),
  ];
  const preload = new Set<string>();
  for (const name of [...started, ...islands.map((name) => `island-${name}`)]) {
    const entry = runtime.build.entries.get(name);
    if (!started.includes(name) && entry) preload.add(entry.url);
    entry?.imports.forEach((url) => preload.add(url));
  }
  const scripts = started.map((name) => runtime.build.entries.get(name)!.url);
  for (const url of scripts) preload.delete(url);
  return [...preload].map((url) => `<link rel="modulepreload" href="${url}">`).join("") +
    scripts.map((url) => `<script type="module" src="${url}"></script>`).join("");
}
