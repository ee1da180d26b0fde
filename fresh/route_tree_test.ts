import { assertEquals, assertThrows } from "@std/assert";
import { createRouteTree, folderOfPath, isRouteFile, type RouteModule } from "./route_tree.ts";

const view = () => null;

function treeOf(...ids: string[]) {
  return createRouteTree(new Map(ids.map((id) => [id, { default: view }])));
}

Deno.test("isRouteFile() takes pages and special files and leaves everything else", () => {
  const ignore = [/^api\//];
  const taken = [
    "index.tsx",
    "a/[id].tsx",
    "_app.tsx",
    "a/_layout.tsx",
    "_middleware.ts",
    "_404.tsx",
  ];
  const left = [
    "api/users.tsx",
    "mod.ts",
    "a/logic.ts",
    "a/_private.tsx",
    "a/(_parts)/Row.tsx",
    "index_test.tsx",
    "logo.svg",
    "_layout.ts",
  ];

  assertEquals(taken.filter((path) => !isRouteFile(path, ignore)), []);
  assertEquals(left.filter((path) => isRouteFile(path, ignore)), []);
});

Deno.test("createRouteTree() puts pages in the order of matching", () => {
  const tree = treeOf("c/[slug]", "[...rest]", "c/new", "index", "_layout", "c/_error");

  assertEquals(tree.pages.map(({ pattern }) => pattern), ["/", "/c/new", "/c/:slug", "/:rest{.+}"]);
});

Deno.test("createRouteTree() refuses two pages with one URL", () => {
  assertThrows(() => treeOf("(a)/x", "(b)/x"), TypeError, "has the same URL /x");
});

Deno.test("createRouteTree() refuses a file with neither page nor handler", () => {
  assertThrows(() => createRouteTree(new Map([["x", {}]])), TypeError, 'Cannot route "x"');
});

Deno.test("createRouteTree() nests layouts until one stops the inheritance", () => {
  const bare = { default: view, config: { skipInheritedLayouts: true } };
  const tree = createRouteTree(
    new Map<string, RouteModule<unknown>>([
      ["_app", { default: view }],
      ["_layout", { default: view }],
      ["a/_layout", { default: view }],
      ["a/x", { default: view }],
      ["b/_layout", bare],
      ["b/c/x", { default: view }],
    ]),
  );

  assertEquals(tree.folders.get("a")?.frames, { app: view, layouts: [view, view] });
  assertEquals(tree.folders.get("b/c")?.frames, { app: view, layouts: [view] });
});

Deno.test("folderOfPath() finds the deepest folder of an unknown page, never a group", () => {
  const tree = treeOf(
    "index",
    "(x)/y",
    "admin/index",
    "admin/users/[id]/edit",
    "(panel)/orders/index",
  );
  const folderOf = (path: string) => folderOfPath(tree, path)?.id;

  assertEquals(folderOf("/nope"), "");
  assertEquals(folderOf("/admin/nope"), "admin");
  assertEquals(folderOf("/admin/users/7/nope"), "admin/users/[id]");
  assertEquals(folderOf("/orders/nope"), "(panel)/orders");
  assertEquals(folderOf("/administration"), "");
});
