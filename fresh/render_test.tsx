import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { parse } from "devalue";
import type { ComponentChildren } from "preact";
import { Head, Partial } from "fresh/runtime";
import { revivers, SlotRef } from "./codec.ts";
import { type Island, renderPage } from "./render.ts";

interface CounterProps {
  count: ReadonlySignal<number>;
  label?: string;
  at?: Date;
}
function Counter({ count, label }: CounterProps) {
  return <b>{label}{count}</b>;
}
function Panel({ open = true, children }: { open?: boolean; children?: ComponentChildren }) {
  return (
    <section>
      {open && children}
      <Counter count={signal(0)} />
    </section>
  );
}

const ISLANDS = new Map<unknown, Island>(
  [Counter, Panel].map((component) => [
    component,
    { name: component.name, url: `/${component.name}.js`, imports: [] },
  ]),
);
const render = (view: ComponentChildren) => renderPage(view, ISLANDS);

interface Wire {
  modules: [string, string][];
  islands: [string, Record<string, unknown>][];
}
function wireOf(tail: string): Wire {
  return parse(tail.match(/<script[^>]*>(.*)<\/script>/)![1]!, revivers);
}

Deno.test("renderPage() puts an island between numbered comments and lists its module once", () => {
  const page = render(
    <main>
      <Counter count={signal(1)} label="a" />
      <Counter key="x-->y" count={signal(2)} />
    </main>,
  );

  assertEquals(
    page.html,
    "<main><!--island:0:--><b>a1</b><!--/island--><!--island:1:x--%3Ey--><b>2</b><!--/island--></main>",
  );
  assertEquals(page.islands.map(({ name }) => name), ["Counter"]);
  assertEquals(wireOf(page.tail).modules, [["Counter", "/Counter.js"]]);
});

Deno.test("renderPage() brings props through, and a shared signal as one signal", () => {
  const count = signal(3);
  const at = new Date(86_400_000);
  const { tail } = render(
    <p>
      <Counter count={count} at={at} />
      <Counter count={count} />
    </p>,
  );
  const [[, first], [, second]] = wireOf(tail).islands as [Wire["islands"][0], Wire["islands"][0]];
  (first.count as Signal<number>).value = 4;

  assertEquals((second.count as Signal<number>).value, 4);
  assertEquals(first.at, at);
  assertEquals(count.value, 3);
});

Deno.test("renderPage() sends a computed signal as its value", () => {
  const { tail } = render(<Counter count={computed(() => 21 * 2)} />);

  assertEquals((wireOf(tail).islands[0]![1].count as Signal<number>).value, 42);
});

Deno.test("renderPage() sends nothing for a page without islands", () => {
  assertEquals(render(<p>text</p>), { html: "<p>text</p>", head: "", tail: "", islands: [] });
});

Deno.test("renderPage() keeps text that looks like a tag inside the data block", () => {
  const { tail } = render(<Counter count={signal(0)} label="</script><!--" />);

  assertEquals(tail.indexOf("</script>"), tail.length - "</script>".length);
  assertEquals(wireOf(tail).islands[0]![1].label, "</script><!--");
});

Deno.test("renderPage() leaves children as a slot, with islands of their own, and nests no island in another", () => {
  const page = render(
    <Panel>
      <i>inside</i>
      <Counter count={signal(7)} />
    </Panel>,
  );

  assertEquals(
    page.html,
    '<!--island:0:--><section><fresh-slot data-slot="0"><i>inside</i>' +
      "<!--island:1:--><b>7</b><!--/island--></fresh-slot><b>0</b></section><!--/island-->",
  );
  assertEquals(wireOf(page.tail).islands[0], ["Panel", { children: new SlotRef(0) }]);
});

Deno.test("renderPage() sends children that an island does not show yet in a template", () => {
  const page = render(
    <Panel open={false}>
      <Counter count={signal(7)} />
    </Panel>,
  );

  assertEquals(page.html, "<!--island:0:--><section><b>0</b></section><!--/island-->");
  assertStringIncludes(
    page.tail,
    '<template data-slot="0"><!--island:1:--><b>7</b><!--/island--></template>',
  );
});

Deno.test("renderPage() refuses props that cannot be sent", () => {
  const act = (() => {}) as unknown as Signal<number>;

  assertThrows(() => render(<Counter count={act} />), Error, "function");
});

Deno.test("Partial is marked outside islands and plain inside", () => {
  const page = render(
    <Partial name="main: --> list" mode="append">
      <Panel>
        <Partial name="inner">slot</Partial>
      </Panel>
    </Partial>,
  );

  assertMatch(page.html, /^<!--partial:main%3A%20--%3E%20list:append--><!--island:0:-->/);
  assertMatch(page.html, /<!--partial:inner:replace-->slot<!--\/partial-->/);
  assertMatch(page.html, /<!--\/partial-->$/);
});

Deno.test("Partial refuses a name twice on a page", () => {
  const twice = (
    <p>
      <Partial name="a">1</Partial>
      <Partial name="a">2</Partial>
    </p>
  );

  assertThrows(() => render(twice), TypeError, 'two partials named "a"');
});

Deno.test("Head moves its children to the head", () => {
  const page = render(
    <p>
      <Head>
        <title>One</title>
      </Head>text<Head>
        <meta name="x" />
      </Head>
    </p>,
  );

  assertEquals(page.html, "<p>text</p>");
  assertEquals(page.head, '<title>One</title><meta name="x"/>');
});
