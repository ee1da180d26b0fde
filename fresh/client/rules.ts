/** What client navigation takes over, as pure rules. */

/** The parts of a click that decide. */
export type Click = Pick<
  MouseEvent,
  "button" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "defaultPrevented"
>;

/** The parts of a link that decide; `download` is null where the attribute is missing. */
export interface Link {
  url: URL;
  target: string;
  download: string | null;
}

/** Query parameter by which the server learns that only regions will be taken. */
const PARTIAL_PARAM = "fresh-partial";

/** True where a click means "show that page here" and nothing else. */
export function takesClick(click: Click, link: Link, here: URL): boolean {
  const isPlain = click.button === 0 && !click.defaultPrevented &&
    !(click.ctrlKey || click.metaKey || click.altKey || click.shiftKey);
  const isInPage = link.url.hash !== "" && isSamePage(link.url, here);
  return isPlain && link.download === null && takesTarget(link.url, link.target, here) && !isInPage;
}

/** True where the address is on this site and is to be shown in this window. */
export function takesTarget(url: URL, target: string, here: URL): boolean {
  return url.origin === here.origin && (target === "" || target === "_self");
}

/** True where two addresses differ in their fragment at most. */
export function isSamePage(a: URL, b: URL): boolean {
  return a.href.split("#")[0] === b.href.split("#")[0];
}

/** Address to fetch the regions of a page from. */
export function partialUrl(page: URL): URL {
  const url = new URL(page);
  url.searchParams.set(PARTIAL_PARAM, "true");
  return url;
}

/** Header by which the server names another site that a redirect leads to. */
const AWAY_HEADER = "x-fresh-location";

/** Address to show for what was fetched: where redirects led to, with the fragment that was asked for. */
export function landedUrl(
  asked: URL,
  res: Pick<Response, "redirected" | "url" | "headers">,
): URL {
  const away = res.headers.get(AWAY_HEADER);
  if (away) return new URL(away);
  const url = new URL(res.redirected ? res.url : asked);
  url.searchParams.delete(PARTIAL_PARAM);
  url.hash ||= asked.hash;
  return url;
}

/** Address of a form sent by GET: its fields replace the query. */
export function getFormUrl(action: URL, fields: Iterable<[string, FormDataEntryValue]>): URL {
  const url = new URL(action);
  url.search = textFields(fields).toString();
  return url;
}

/** Form fields as `application/x-www-form-urlencoded` has them: a file is its name. */
export function textFields(fields: Iterable<[string, FormDataEntryValue]>): URLSearchParams {
  const text = [...fields].map((
    [name, value],
  ) => [name, value instanceof File ? value.name : value]);
  return new URLSearchParams(text);
}
