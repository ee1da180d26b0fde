import { assertEquals } from "@std/assert";
import {
  getFormUrl,
  isSamePage,
  landedUrl,
  type Link,
  partialUrl,
  takesClick,
  takesTarget,
  textFields,
} from "./rules.ts";

const HERE = new URL("https://pace.test/list?page=2");
const CLICK = {
  button: 0,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  defaultPrevented: false,
};

function linkTo(href: string, link: Partial<Link> = {}): Link {
  return { url: new URL(href, HERE), target: "", download: null, ...link };
}

Deno.test("takesClick() takes plain clicks on links of this site", () => {
  assertEquals(takesClick(CLICK, linkTo("/other"), HERE), true);
  assertEquals(takesClick(CLICK, linkTo("/other#part"), HERE), true);
  assertEquals(takesClick(CLICK, linkTo("?page=3", { target: "_self" }), HERE), true);
  assertEquals(takesClick(CLICK, linkTo("?page=2"), HERE), true);
});

Deno.test("takesClick() leaves new windows, downloads, fragments and other sites to the browser", () => {
  for (const key of ["ctrlKey", "metaKey", "altKey", "shiftKey", "defaultPrevented"] as const) {
    assertEquals(takesClick({ ...CLICK, [key]: true }, linkTo("/other"), HERE), false, key);
  }
  assertEquals(takesClick({ ...CLICK, button: 1 }, linkTo("/other"), HERE), false);
  assertEquals(takesClick(CLICK, linkTo("/other", { target: "_blank" }), HERE), false);
  assertEquals(takesClick(CLICK, linkTo("/log.csv", { download: "" }), HERE), false);
  assertEquals(takesClick(CLICK, linkTo("#part"), HERE), false);
  assertEquals(takesClick(CLICK, linkTo("https://other.test/"), HERE), false);
  assertEquals(takesClick(CLICK, linkTo("mailto:a@pace.test"), HERE), false);
});

Deno.test("takesTarget() wants this origin and this window", () => {
  assertEquals(takesTarget(new URL("/x", HERE), "", HERE), true);
  assertEquals(takesTarget(new URL("/x", HERE), "frame", HERE), false);
  assertEquals(takesTarget(new URL("http://pace.test/x"), "", HERE), false);
});

Deno.test("isSamePage() looks past the fragment only", () => {
  assertEquals(isSamePage(new URL("#a", HERE), new URL("#b", HERE)), true);
  assertEquals(isSamePage(new URL("?page=3", HERE), HERE), false);
});

Deno.test("landedUrl() is the redirect's end without our parameter, with the fragment asked for", () => {
  const asked = new URL("/a?q=1#part", HERE);
  const fetched = partialUrl(asked);
  const headers = new Headers();
  const moved = { redirected: true, url: "https://pace.test/b?fresh-partial=true", headers };
  const away = new Headers({ "x-fresh-location": "https://pay.test/x" });

  assertEquals(fetched.search, "?q=1&fresh-partial=true");
  assertEquals(
    landedUrl(asked, { redirected: false, url: fetched.href, headers }).href,
    asked.href,
  );
  assertEquals(landedUrl(asked, moved).href, "https://pace.test/b#part");
  assertEquals(landedUrl(asked, { ...moved, headers: away }).href, "https://pay.test/x");
});

Deno.test("getFormUrl() replaces the query by the fields", () => {
  const fields = new FormData();
  fields.append("q", "a b");
  fields.append("tag", "x");
  fields.append("tag", "y");

  assertEquals(getFormUrl(HERE, fields).href, "https://pace.test/list?q=a+b&tag=x&tag=y");
});

Deno.test("textFields() sends a file's name", () => {
  const fields = new FormData();
  fields.append("file", new File(["…"], "run.fit"));

  assertEquals(textFields(fields).toString(), "file=run.fit");
});
