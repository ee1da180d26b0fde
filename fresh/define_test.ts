import { assertEquals } from "@std/assert";
import { createDefine, type DataOf, page, type PageProps } from "fresh";

interface State {
  user: string;
}
const define = createDefine<State>();

/** `true` only where each type can stand for the other. */
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false;

const handler = define.handlers({
  GET: (ctx) => page({ name: ctx.state.user, errors: [] as string[] }),
  async POST(ctx) {
    const form = await ctx.req.formData();
    if (form.has("name")) return ctx.redirect("/", 303);
    return page({ name: "", errors: ["Name is missing"] }, { status: 422 });
  },
});

Deno.test("DataOf is what the handlers pass to page(), over all methods and without responses", () => {
  const isInferred: Same<DataOf<typeof handler>, { name: string; errors: string[] }> = true;
  const isInferredFromFunction: Same<DataOf<() => Promise<Response>>, never> = true;
  const Page = define.page<typeof handler>(({ data, state }) => {
    return `${data.name.toUpperCase()} ${data.errors.length} ${state.user}`;
  });
  const props = { data: { name: "ada", errors: [] }, state: { user: "ada" } };

  assertEquals([isInferred, isInferredFromFunction], [true, true]);
  assertEquals(Page(props as unknown as PageProps<DataOf<typeof handler>, State>), "ADA 0 ada");
});

Deno.test("page() keeps data, status and headers", () => {
  assertEquals(page({ a: 1 }, { status: 422 }), { data: { a: 1 }, status: 422 });
  assertEquals(page().data, undefined);
});
