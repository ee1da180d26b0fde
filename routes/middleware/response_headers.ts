import type { AppContext } from "../app_env.ts";

/** Sets header fields on the finished answer; where `isDefault`, only those it does not have. */
export function setResponseHeaders(
  c: AppContext,
  fields: Iterable<readonly [name: string, value: string]>,
  options: { isDefault?: boolean } = {},
): void {
  // The head of a socket's upgrade is the server's own: a copy of it would not upgrade.
  if (c.res.status === 101) return;
  try {
    setAll(c.res.headers, fields, options);
  } catch (error) {
    // Answers made by `Response.redirect` or `fetch` have a head that cannot be changed.
    if (!(error instanceof TypeError)) throw error;
    const { status, headers, body } = c.res;
    const copy = new Response(body, { status, headers: new Headers(headers) });
    setAll(copy.headers, fields, options);
    c.res = copy;
  }
}

function setAll(
  headers: Headers,
  fields: Iterable<readonly [string, string]>,
  options: { isDefault?: boolean },
): void {
  for (const [name, value] of fields) {
    if (!options.isDefault || !headers.has(name)) headers.set(name, value);
  }
}
