/**
 * Server half of islands. While a page renders, Preact's diff hook swaps every component found in
 * `islands/` for `Boundary`, which writes `<!--island:i:key-->html<!--/island-->` and records the
 * props; `Partial` and `Head` report to the same record. The render is synchronous, so one variable
 * holds the record; code that awaits reaches its App's build through an async-local store.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type ComponentChildren,
  type ComponentType,
  createContext,
  Fragment,
  h,
  isValidElement,
  options,
  type VNode,
} from "preact";
import { useContext } from "preact/hooks";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import { Signal } from "@preact/signals";
import { stringify } from "devalue";
import { type Ambient, ambient, type PartialProps } from "./ambient.ts";
import { reducers, SlotRef } from "./codec.ts";

/** A component that hydrates, with where the browser finds it. */
export interface Island {
  name: string;
  url: string;
  /** Chunks to preload. */
  imports: readonly string[];
}

/** Islands of one App, by component. */
export type IslandRegistry = ReadonlyMap<unknown, Island>;

/** What a render gives besides its HTML. */
export interface RenderedPage {
  html: string;
  /** Tags for the document's head. */
  head: string;
  /** Templates and the props, for the end of the body. */
  tail: string;
  /** Islands on the page, each once. */
  islands: Island[];
}

type Props = Record<string, unknown>;

interface PageRecord {
  registry: IslandRegistry;
  islands: { island: Island; props: Props }[];
  slots: { children: ComponentChildren; isRendered: boolean }[];
  head: ComponentChildren[];
  partials: Set<string>;
  /** Vnodes made by `Boundary` itself, not to be swapped again. */
  bare: WeakSet<VNode>;
}

let record: PageRecord | null = null;
const requests = new AsyncLocalStorage<{ buildId: string }>();
const InsideIsland = createContext(false);

/** Runs a request so that `asset()` knows the build, in handlers and async pages too. */
export function withBuild<T>(buildId: string, run: () => T): T {
  return requests.run({ buildId }, run);
}

/** Renders a tree and collects its islands, head and partials. */
export function renderPage(view: ComponentChildren, registry: IslandRegistry): RenderedPage {
  const page: PageRecord = {
    registry,
    islands: [],
    slots: [],
    head: [],
    partials: new Set(),
    bare: new WeakSet(),
  };
  const outer = record;
  record = page;
  try {
    const html = renderToString(h(Fragment, null, view));
    const templates = renderUnusedSlots(page);
    const head = renderToString(h(Fragment, null, page.head));
    const islands = [...new Set(page.islands.map(({ island }) => island))];
    return { html, head, tail: templates + propsBlock(page, islands), islands };
  } finally {
    record = outer;
  }
}

/** Children that an island did not show yet travel in templates. */
function renderUnusedSlots(page: PageRecord): string {
  let html = "";
  for (let id = 0; id < page.slots.length; id++) { // a slot may add slots
    const slot = page.slots[id]!;
    if (slot.isRendered) continue;
    const inner = renderToString(h(Fragment, null, slot.children));
    html += `<template data-slot="${id}">${inner}</template>`;
  }
  return html;
}

/** A JSON data block: the browser reads it, the content policy has nothing to object. */
function propsBlock(page: PageRecord, islands: Island[]): string {
  if (islands.length === 0) return "";
  const wire = {
    modules: islands.map(({ name, url }) => [name, url]),
    islands: page.islands.map(({ island, props }) => [island.name, props]),
  };
  const json = stringify(wire, reducers).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="fresh-data">${json}</script>`;
}

interface BoundaryProps {
  component: ComponentType<Props>;
  island: Island;
  islandKey: string;
  own: Props;
}

function Boundary({ component, island, islandKey, own }: BoundaryProps) {
  const page = record!;
  const bare = (props: Props) => {
    const vnode = h(component, props);
    page.bare.add(vnode);
    return vnode;
  };
  if (useContext(InsideIsland)) return bare(own);
  const { wire, local } = splitProps(own, page);
  const index = page.islands.push({ island, props: wire }) - 1;
  const inside = h(InsideIsland.Provider, { value: true, children: bare(local) });
  return between(`island:${index}:${islandKey}`, inside, "island");
}

/** JSX goes as a slot, everything else as data. */
function splitProps(own: Props, page: PageRecord): { wire: Props; local: Props } {
  const wire: Props = {};
  const local: Props = {};
  for (const [name, value] of Object.entries(own)) {
    if (!isJsx(value)) {
      wire[name] = local[name] = value;
      continue;
    }
    const id = page.slots.push({ children: value, isRendered: false }) - 1;
    wire[name] = new SlotRef(id);
    local[name] = h(Slot, { id });
  }
  return { wire, local };
}

function isJsx(value: unknown): value is ComponentChildren {
  if (value instanceof Signal) return false; // looks like a vnode to Preact
  return Array.isArray(value) ? value.some(isJsx) : isValidElement(value);
}

/** Server HTML inside an island: hydration leaves it alone, and it may hold islands of its own. */
function Slot({ id }: { id: number }) {
  const slot = record!.slots[id]!;
  slot.isRendered = true;
  const children = h(InsideIsland.Provider, { value: false, children: slot.children });
  return h("fresh-slot", { "data-slot": id }, children);
}

function between(open: string, children: ComponentChildren, close: string): VNode {
  return h(Fragment, null, comment(open), children, comment(`/${close}`));
}

function comment(text: string): VNode {
  return jsxTemplate([`<!--${text}-->`]);
}

function markPartial({ name, mode = "replace", children }: PartialProps): ComponentChildren {
  const page = record!;
  if (useContext(InsideIsland)) return children;
  if (page.partials.has(name)) throw new TypeError(`Cannot render two partials named "${name}"`);
  page.partials.add(name);
  return between(`partial:${encodeURIComponent(name)}:${mode}`, children, "partial");
}

ambient.current = (): Ambient | undefined => {
  const buildId = requests.getStore()?.buildId;
  if (buildId === undefined && record === null) return undefined;
  return {
    buildId: buildId ?? "",
    head: (children) => record?.head.push(children),
    partial: (region) => record ? markPartial(region) : region.children,
  };
};

// `__b` runs before a vnode is rendered; devtools and the signals package stand on it too.
const hooks = options as typeof options & { __b?: (vnode: VNode) => void };
const previousHook = hooks.__b;
hooks.__b = (vnode) => {
  previousHook?.(vnode);
  const island = record?.registry.get(vnode.type);
  if (!island || record!.bare.has(vnode)) return;
  const own: BoundaryProps = {
    component: vnode.type as ComponentType<Props>,
    island,
    islandKey: encodeURIComponent(vnode.key ?? ""),
    own: vnode.props as Props,
  };
  Object.assign(vnode, { type: Boundary, props: own });
};
