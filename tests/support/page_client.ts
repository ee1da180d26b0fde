/** A person with a browser without script: keeps cookies, follows redirects, sends forms. */

import type { TestApp } from "./app.ts";

const ORIGIN = "http://localhost";

/** A page that came, after redirects. */
export interface PageAnswer {
  status: number;
  /** Where the redirects led. */
  path: string;
  html: string;
  headers: Headers;
}

/** What the forms of a page are sent with. */
export type Fields = Record<string, string | string[] | File>;

export interface PageClient {
  get(path: string): Promise<PageAnswer>;
  /** Sends a form with the token of the last page that had one. */
  post(path: string, fields: Fields): Promise<PageAnswer>;
  cookies: Map<string, string>;
}

/** Where pages come from: an app, or a server. */
export interface PageSource {
  /** Scheme and host, as they are now. */
  origin(): string;
  fetch(request: Request): Response | Promise<Response>;
}

/** A browser of its own, signed in as nobody. */
export function createPageClient(from: Pick<TestApp, "app"> | PageSource): PageClient {
  const { origin, fetch }: PageSource = "app" in from
    ? { origin: () => ORIGIN, fetch: (request) => from.app.fetch(request) }
    : from;
  const cookies = new Map<string, string>();
  let token = "";
  const load = async (path: string, init: RequestInit = {}): Promise<PageAnswer> => {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const res = await fetch(new Request(`${origin()}${path}`, { ...init, headers }));
    for (const cookie of res.headers.getSetCookie()) keep(cookies, cookie);
    const html = await res.text();
    const location = res.headers.get("location");
    if (location !== null) return await load(location);
    token = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? token;
    return { status: res.status, path, html, headers: res.headers };
  };
  return {
    cookies,
    get: (path) => load(path),
    post: (path, fields) => {
      const body = new FormData();
      for (const [name, value] of Object.entries({ "_csrf": token, ...fields })) {
        for (const one of [value].flat()) body.append(name, one);
      }
      const headers = { origin: origin(), "sec-fetch-site": "same-origin" };
      return load(path, { method: "POST", body, headers });
    },
  };
}

function keep(cookies: Map<string, string>, cookie: string): void {
  const [name = "", value = ""] = cookie.split(";", 1)[0]!.split(/=(.*)/s);
  if (value === "") cookies.delete(name);
  else cookies.set(name, value);
}

/** The text of a page's main part, in one line. */
export function mainText({ html }: PageAnswer): string {
  const main = /<main[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1] ?? "";
  return main.replaceAll(/<(script|template)[\s\S]*?<\/\1>/g, "").replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&amp;", "&").replaceAll(/\s+/g, " ").trim();
}

/** Faults beside the fields, by the field's id. */
export function faultsOf({ html }: PageAnswer): Record<string, string> {
  const found = html.matchAll(/<p class="fault" id="([^"]+)-fault">[\s\S]*?<span>([^<]*)<\/span>/g);
  return Object.fromEntries([...found].map(([, field, text]) => [field, text]));
}
