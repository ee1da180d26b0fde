import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { staticFiles } from "fresh";
import { openTestApp } from "./test_app.ts";

const STYLE = "body { color: red }\n".repeat(100);
const FILES = {
  "static/app.css": STYLE,
  "static/icons/mark one.svg": "<svg/>",
  "static/site.webmanifest": "{}",
  "static/font.woff2": new Uint8Array(2000),
  "secret.txt": "secret",
  "routes/link.tsx": `import { asset } from "fresh/runtime";
    export default async () => (await 0, <p>{asset("/app.css#x")}</p>);`,
};
const open = (mode: "production" | "development" = "production") =>
  openTestApp(FILES, (app) => app.use(staticFiles()).fsRoutes(), { mode });

Deno.test("staticFiles() sends the type, the length and a strong tag", async () => {
  await using app = await open();
  const types = {
    "/app.css": "text/css; charset=utf-8",
    "/icons/mark%20one.svg": "image/svg+xml",
    "/site.webmanifest": "application/manifest+json",
    "/font.woff2": "font/woff2",
  };
  for (const [path, type] of Object.entries(types)) {
    const res = await app.request(path);
    const body = await res.bytes();

    assertEquals(res.headers.get("content-type"), type);
    assertEquals(res.headers.get("content-length"), String(body.length));
    assertMatch(res.headers.get("etag")!, /^"[0-9a-f]{16}"$/);
    assertEquals(res.headers.get("cache-control"), "no-cache");
  }
});

Deno.test("staticFiles() answers 304 to the tag it gave", async () => {
  await using app = await open();
  const etag = (await app.request("/app.css")).headers.get("etag")!;
  const statusWith = async (tag: string) => {
    const res = await app.request("/app.css", { headers: { "if-none-match": tag } });
    assertEquals(res.status === 304, (await res.text()) === "");
    return res.status;
  };

  assertEquals(await statusWith(etag), 304);
  assertEquals(await statusWith(`"x", W/${etag}`), 304);
  assertEquals(await statusWith("*"), 304);
  assertEquals(await statusWith('"x"'), 200);
});

Deno.test("staticFiles() compresses text for those who take gzip, under another tag", async () => {
  await using app = await open();
  const fetchAs = (path: string, encoding: string) => {
    return app.request(path, { headers: { "accept-encoding": encoding } });
  };
  const plain = await fetchAs("/app.css", "br, gzip;q=0");
  const zipped = await fetchAs("/app.css", "br, gzip;q=0.5");
  const stream = zipped.body!.pipeThrough(new DecompressionStream("gzip"));

  assertEquals(plain.headers.get("content-encoding"), null);
  assertEquals(zipped.headers.get("content-encoding"), "gzip");
  assertEquals(zipped.headers.get("vary"), "accept-encoding");
  assertNotEquals(zipped.headers.get("etag"), plain.headers.get("etag"));
  assertEquals(await new Response(stream).text(), STYLE);
  const font = await fetchAs("/font.woff2", "gzip");
  assertEquals(font.headers.get("content-encoding"), null);
});

Deno.test("staticFiles() answers HEAD without a body and refuses writes", async () => {
  await using app = await open();
  const head = await app.request("/app.css", { method: "HEAD" });
  const post = await app.request("/app.css", { method: "POST" });

  assertEquals([head.headers.get("content-length"), await head.text()], [String(STYLE.length), ""]);
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("staticFiles() serves nothing but the folder's files", async () => {
  await using app = await open();
  const paths = [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/icons/..%5c..%5csecret.txt",
    "/icons",
    "/",
    "/app.css/",
    "/%ff",
    "/app.css%00",
  ];
  for (const path of paths) assertEquals((await app.request(path)).status, 404, path);
});

Deno.test("asset() makes an address that is immutable, in async pages too", async () => {
  await using app = await open();
  const [, link] = (await app.text("/link")).match(/<p>(.*)<\/p>/)!;
  const res = await app.request(link!);

  assertMatch(link!, /^\/app\.css\?__frsh_c=[0-9a-f]{16}#x$/);
  assertEquals(res.headers.get("cache-control"), "public, max-age=31536000, immutable");
  const stale = await app.request("/app.css?__frsh_c=0123");
  assertEquals(stale.headers.get("cache-control"), "no-cache");
});

Deno.test("staticFiles() never calls a file immutable in development", async () => {
  await using app = await open("development");
  const [, link] = (await app.text("/link")).match(/<p>(.*)<\/p>/)!;

  assertEquals((await app.request(link!)).headers.get("cache-control"), "no-cache");
});
