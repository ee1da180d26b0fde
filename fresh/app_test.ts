import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { App, type Context, csrf, HttpError } from "fresh";
import { openTestApp } from "./test_app.ts";

interface State {
  trail: string[];
}

/** A page that shows its name and parameters. */
function showing(name: string): string {
  return `export default ({ params, state }) =>
    <p>${name} {JSON.stringify(params)} {state.trail?.join(",")}</p>;`;
}

const FRAME = (name: string) =>
  `export default ({ Component }) => <div class="${name}"><Component /></div>;`;
const MIDDLEWARE = (name: string) =>
  `export default async (ctx) => {
    (ctx.state.trail ??= []).push("${name}");
    const res = await ctx.next();
    res.headers.append("x-left", "${name}");
    return res;
  };`;
const ERROR_PAGE = (name: string) =>
  `export default ({ data, error }) => <h1>${name} {data.status} {error.message}</h1>;`;

Deno.test("App routes every kind of page", async (t) => {
  await using app = await openTestApp(
    {
      "routes/index.tsx": showing("home"),
      "routes/c/[slug].tsx": showing("slug"),
      "routes/c/new.tsx": showing("new"),
      "routes/docs/[...path].tsx": showing("docs"),
      "routes/list/[[page]].tsx": showing("list"),
      "routes/(panel)/orders/index.tsx": showing("orders"),
      "routes/moved.tsx": `export const config = { routeOverride: "/elsewhere/:x" };` +
        showing("moved"),
      "routes/api/users.tsx": showing("never"),
    },
    undefined,
    { ignore: [/^api\//] },
  );
  const cases: [path: string, status: number, text: string][] = [
    ["/", 200, "home {}"],
    ["/c/spring%20run", 200, `slug {"slug":"spring run"}`],
    ["/c/new", 200, "new {}"],
    ["/c/new/", 200, "new {}"],
    ["/docs/a/b", 200, `docs {"path":"a/b"}`],
    ["/list", 200, "list {}"],
    ["/list/3", 200, `list {"page":"3"}`],
    ["/orders", 200, "orders {}"],
    ["/elsewhere/7", 200, `moved {"x":"7"}`],
    ["/c", 404, "Not Found"],
    ["/api/users", 404, "Not Found"],
    ["/moved", 404, "Not Found"],
    ["/%ff", 404, "Not Found"],
  ];
  for (const [path, status, text] of cases) {
    await t.step(`${path} gives ${status}`, async () => {
      const res = await app.request(path);

      assertEquals(res.status, status);
      assertStringIncludes((await res.text()).replaceAll("&quot;", '"'), text);
    });
  }
});

Deno.test("App runs middleware outside in and nests layouts by folder", async () => {
  await using app = await openTestApp<State>({
    "routes/_app.tsx": FRAME("app").replace("<div", "<html><head></head><body><div")
      .replace("</div>", "</div></body></html>"),
    "routes/_layout.tsx": FRAME("root"),
    "routes/_middleware.ts": MIDDLEWARE("root"),
    "routes/admin/_layout.tsx": FRAME("admin"),
    "routes/admin/_middleware.ts": MIDDLEWARE("admin"),
    "routes/admin/users/[id].tsx": showing("user"),
    "routes/admin/bare.tsx": `export const config = { skipInheritedLayouts: true };` +
      showing("bare"),
    "routes/other.tsx": showing("other"),
  }, (app) =>
    app.use((ctx) => {
      ctx.state.trail = ["app"];
      return ctx.next();
    }).fsRoutes());
  const res = await app.request("/admin/users/7");
  const html = await res.text();

  assertMatch(
    html,
    /<div class="app"><div class="root"><div class="admin"><p>user .*app,root,admin/,
  );
  assertEquals(res.headers.get("x-left"), "admin, root");
  assertMatch(await app.text("/admin/bare"), /<div class="app"><p>bare/);
  assertMatch(await app.text("/other"), /<div class="app"><div class="root"><p>other .*app,root</);
});

Deno.test("App runs middleware for what was added after it, and below its path", async () => {
  const mark = (name: string) => async (ctx: Context<State>) => {
    const res = await ctx.next();
    res.headers.append("x-by", name);
    return res;
  };
  await using app = await openTestApp<State>(
    {},
    (app) =>
      app.get("/early", (ctx) => ctx.text("early")).use(mark("all")).use("/admin", mark("admin"))
        .post("/late", (ctx) => ctx.text("late")).all(
          "/admin/x/:id",
          (ctx) => ctx.json(ctx.params),
        ),
  );
  const by = async (path: string, method = "GET") => {
    return (await app.request(path, { method })).headers.get("x-by");
  };

  assertEquals(await by("/early"), null);
  assertEquals(await by("/late", "POST"), "all");
  assertEquals(await by("/admin/x/1", "PUT"), "admin, all");
  assertEquals(await by("/administration"), "all");
  assertEquals(await app.text("/admin/x/1"), '{"id":"1"}');
});

Deno.test("App gives pages what their handler passes, and answers methods by the handlers there are", async () => {
  await using app = await openTestApp({
    "routes/form.tsx": `import { page } from "fresh";
      export const handler = {
        GET: () => page({ name: "none" }),
        async POST(ctx) {
          const name = String((await ctx.req.formData()).get("name"));
          if (name === "") return page({ name: "missing" }, { status: 422, headers: { "x-form": "bad" } });
          return ctx.redirect("//evil.test/" + name, 303);
        },
      };
      export default async ({ data }) => <p>{data.name}</p>;`,
    "routes/only.tsx": `export const handler = { POST: () => new Response("posted") };`,
  });
  const post = (name: string) => {
    return app.request("/form", { method: "POST", body: new URLSearchParams({ name }) });
  };
  const bad = await post("");

  assertStringIncludes(await app.text("/form"), "<p>none</p>");
  assertEquals([bad.status, bad.headers.get("x-form")], [422, "bad"]);
  assertStringIncludes(await bad.text(), "<p>missing</p>");
  assertEquals((await post("x")).headers.get("location"), "/evil.test/x");
  const head = await app.request("/form", { method: "HEAD" });
  const length = new TextEncoder().encode(await app.text("/form")).byteLength;
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(head.headers.get("content-length"), String(length));
  const wrong = await app.request("/only");
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "HEAD, POST"]);
});

Deno.test("App shows the nearest error page inside its folder's frames", async (t) => {
  const reported: unknown[] = [];
  const failing = (what: string) => `export default () => { throw ${what}; };`;
  await using app = await openTestApp<State>({
    "routes/_error.tsx": ERROR_PAGE("root"),
    "routes/_404.tsx": ERROR_PAGE("missing"),
    "routes/_layout.tsx": FRAME("frame"),
    "routes/boom.tsx": failing(`new Error("bug")`),
    "routes/teapot.tsx": `import { HttpError } from "fresh";` +
      failing(`new HttpError(418, "tea", { headers: { "retry-after": "5" } })`),
    "routes/admin/_error.tsx": ERROR_PAGE("admin"),
    "routes/admin/_layout.tsx": FRAME("admin-frame"),
    "routes/admin/boom.tsx": failing(`new RangeError("full")`),
    "routes/admin/deep/boom.tsx": failing(`new Error("bug")`),
    "routes/shop/_404.tsx": ERROR_PAGE("shop"),
    "routes/shop/boom.tsx": failing(`new Error("bug")`),
    "routes/worse/_error.tsx": failing(`new Error("worse")`),
    "routes/worse/boom.tsx": failing(`new Error("bug")`),
    "routes/guarded/_middleware.ts": `import { HttpError } from "fresh";
      export default () => { throw new HttpError(403, "closed"); };`,
    "routes/guarded/index.tsx": showing("never"),
  }, (app) =>
    app.use(async (ctx) => {
      if (ctx.url.pathname === "/early") throw new HttpError(401, "who");
      const res = await ctx.next();
      res.headers.set("x-outer", "yes");
      return res;
    }).fsRoutes(), {
    hooks: {
      statusOf: (error) => error instanceof RangeError ? 409 : undefined,
      report: (error) => reported.push((error as Error).message),
    },
  });
  const cases: [path: string, status: number, text: RegExp, reports: string[]][] = [
    ["/boom", 500, /<div class="frame"><h1>root 500 bug/, ["bug"]],
    ["/teapot", 418, /root 418 tea/, []],
    ["/nope", 404, /<div class="frame"><h1>missing 404/, []],
    ["/admin/boom", 409, /"frame"><div class="admin-frame"><h1>admin 409 full/, []],
    ["/admin/deep/boom", 500, /admin 500 bug/, ["bug"]],
    ["/admin/nope", 404, /"admin-frame"><h1>admin 404/, []],
    ["/shop/nope", 404, /shop 404/, []],
    ["/shop/boom", 500, /root 500 bug/, ["bug"]],
    ["/worse/boom", 500, /root 500 worse/, ["bug", "worse"]],
    ["/guarded", 403, /root 403 closed/, []],
    ["/early", 401, /root 401 who/, []],
  ];
  for (const [path, status, text, reports] of cases) {
    await t.step(`${path} gives ${status}`, async () => {
      reported.length = 0;
      const res = await app.request(path);

      assertEquals(res.status, status);
      assertMatch(await res.text(), text);
      assertEquals(reported, reports);
      assertEquals(res.headers.get("x-outer"), path === "/early" ? null : "yes");
      assertEquals(res.headers.get("retry-after"), path === "/teapot" ? "5" : null);
    });
  }
});

Deno.test("App answers plainly when even the root's error page fails, without the error's text", async () => {
  await using app = await openTestApp({
    "routes/_error.tsx": `export default () => { throw new Error("secret worse"); };`,
    "routes/boom.tsx": `export default () => { throw new Error("secret"); };`,
  });
  const res = await app.request("/boom");

  assertEquals(res.status, 500);
  assertEquals((await res.text()).includes("secret"), false);
});

Deno.test("Context.redirect() keeps a path on this site and follows a whole address", async () => {
  await using app = await openTestApp(
    {},
    (app) => app.get("/to", (ctx) => ctx.redirect(ctx.url.searchParams.get("to")!, 303)),
  );
  const targets: [to: string, location: string][] = [
    ["/a?b=1#c", "/a?b=1#c"],
    ["//evil.test", "/evil.test"],
    ["/\\evil.test", "/evil.test"],
    ["/\t/evil.test", "/evil.test"],
    ["https://pay.test/x", "https://pay.test/x"],
  ];
  for (const [to, location] of targets) {
    const res = await app.request(`/to?to=${encodeURIComponent(to)}`);
    assertEquals([res.status, res.headers.get("location")], [303, location]);
  }
  const away = await app.request("/to?fresh-partial=true&to=https://pay.test/x");
  assertEquals([away.status, away.headers.get("x-fresh-location")], [204, "https://pay.test/x"]);
});

Deno.test("App keeps the parameter of client navigation from pages", async () => {
  await using app = await openTestApp({
    "routes/index.tsx":
      `export default ({ url, isPartial }) => <p>{url.href} {String(isPartial)}</p>;`,
  });

  assertStringIncludes(await app.text("/?q=1&fresh-partial=true"), "http://app.test/?q=1 true");
  assertStringIncludes(await app.text("/?q=1"), "http://app.test/?q=1 false");
});

Deno.test("App serves below its base path only", async () => {
  await using app = await openTestApp(
    {
      "routes/x.tsx": showing("x"),
      "routes/sub/_404.tsx": ERROR_PAGE("sub"),
      "routes/sub/y.tsx": showing("y"),
    },
    (app) => app.get("/plain", (ctx) => ctx.text("plain")).fsRoutes(),
    { basePath: "/panel/" },
  );

  assertStringIncludes(await app.text("/panel/x"), "<p>x");
  assertEquals(await app.text("/panel/plain"), "plain");
  assertStringIncludes(await app.text("/panel/sub/nope"), "sub 404");
  assertEquals((await app.request("/x")).status, 404);
});

Deno.test("csrf() shows the error page with 403 to a foreign form", async () => {
  await using app = await openTestApp({
    "routes/_error.tsx": ERROR_PAGE("root"),
    "routes/x.tsx": `export const handler = { POST: (ctx) => ctx.text("done") };`,
  }, (app) => app.use(csrf()).fsRoutes());
  const post = (site: string) => {
    return app.request("/x", { method: "POST", headers: { "sec-fetch-site": site } });
  };
  const foreign = await post("cross-site");

  assertEquals(foreign.status, 403);
  assertStringIncludes(await foreign.text(), "root 403");
  assertEquals(await (await post("same-origin")).text(), "done");
});

Deno.test("App.ready() rejects when a page is broken", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/routes`);
  await Deno.writeTextFile(`${root}/routes/x.tsx`, "export const title = 1;");

  await assertRejects(() => new App({ root }).fsRoutes().ready(), TypeError, 'Cannot route "x"');
  await Deno.remove(root, { recursive: true });
});

Deno.test("App in development tells which process serves, and ends at once", async () => {
  await using app = await openTestApp({}, (app) => app, { mode: "development" });

  assertMatch(await app.text("/_fresh/alive"), /^retry: \d+\ndata: [\d.]+\n\n$/);
});
