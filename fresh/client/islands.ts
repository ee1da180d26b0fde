/**
 * Browser half of islands: finds the markers, loads the modules, lets Preact adopt the nodes between
 * two comments. An island's DOM can move (a kept island in a swapped region), so nothing here holds
 * on to a parent.
 *
 * @module
 */

import {
  type ComponentChild,
  type ComponentType,
  type ContainerNode,
  h,
  hydrate,
  render,
} from "preact";
import { parse } from "devalue";
import { revivers, SlotRef } from "../codec.ts";

type Props = Record<string, unknown>;

/** What the server wrote about the islands of a page, by their number. */
interface PageData {
  modules: [name: string, url: string][];
  islands: [name: string, props: Props][];
}

/** A pair of comments, `<!--kind:field:…-->` and `<!--/kind-->`. */
export interface Region {
  start: Comment;
  end: Comment;
  fields: string[];
}

interface LiveIsland {
  name: string;
  key: string;
  hasSlots: boolean;
  root: RangeRoot;
}

const components = new Map<string, ComponentType<Props>>();
const live = new Set<LiveIsland>();
const pages = new WeakMap<Document, PageData>();

/** Finds the regions of one kind, inner ones first. */
export function regionsOf(scope: Node, kind: string): Region[] {
  const found: Region[] = [];
  const open: Comment[] = [];
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    const comment = walker.currentNode as Comment;
    if (comment.data.startsWith(`${kind}:`)) open.push(comment);
    const start = comment.data === `/${kind}` ? open.pop() : undefined;
    if (start) found.push({ start, end: comment, fields: start.data.split(":").slice(1) });
  }
  return found;
}

/** Nodes between the two comments. */
export function nodesIn({ start, end }: Pick<Region, "start" | "end">): ChildNode[] {
  const nodes: ChildNode[] = [];
  for (let node = start.nextSibling; node && node !== end; node = node.nextSibling) {
    nodes.push(node);
  }
  return nodes;
}

/** Hydrates the islands in the document that are not alive yet, with the data that `page` brought. */
export async function hydrateIslands(page: Document): Promise<void> {
  const data = dataOf(page);
  const found = regionsOf(document.body, "island");
  // Claimed before the first await: a later navigation numbers its islands anew.
  for (const { start, end } of found) [start.data, end.data] = ["live", "/live"];
  await Promise.allSettled(data.modules.map(([name, url]) => load(name, url)));
  for (const region of found) {
    try {
      if (region.start.isConnected) start(region, data, page);
    } catch (error) {
      reportError(error); // the other islands still live
    }
  }
}

async function load(name: string, url: string): Promise<void> {
  if (components.has(name)) return;
  try {
    components.set(name, (await import(url)).default);
  } catch (error) {
    reportError(error); // its server HTML stays
  }
}

function dataOf(page: Document): PageData {
  let data = pages.get(page);
  if (!data) {
    const json = page.getElementById("fresh-data")?.textContent;
    data = json ? parse(json, revivers) as PageData : { modules: [], islands: [] };
    pages.set(page, data);
  }
  return data;
}

function start(region: Region, data: PageData, page: Document): void {
  const [name, props] = data.islands[Number(region.fields[0])]!;
  const component = components.get(name);
  if (!component) return;
  const own: Props = {};
  for (const [key, value] of Object.entries(props)) {
    own[key] = value instanceof SlotRef ? slotOf(value.id, region, page) : value;
  }
  const root = new RangeRoot(region.start, region.end);
  hydrate(h(component, own), root);
  live.add({ name, key: region.fields[1] ?? "", hasSlots: hasSlots(props), root });
}

function hasSlots(props: Props): boolean {
  return Object.values(props).some((value) => value instanceof SlotRef);
}

/** Hydration leaves `dangerouslySetInnerHTML` alone; an island that shows the slot again gets its nodes back. */
function slotOf(id: number, region: Region, page: Document): ComponentChild {
  const selector = `[data-slot="${id}"]`;
  const shown = nodesIn(region).filter((node) => node instanceof Element)
    .map((node) => node.matches(selector) ? node : node.querySelector(selector))
    .find((node) => node !== null);
  const template = page.querySelector<HTMLTemplateElement>(`template${selector}`);
  let holder: Node = shown ?? document.importNode(template!.content, true);
  const ref = (slot: Element | null) => {
    if (!slot || slot === holder) return;
    slot.replaceChildren(...holder.childNodes);
    holder = slot;
    hydrateIslands(page); // a template's islands could not be seen before
  };
  return h("fresh-slot", { "data-slot": id, ref, dangerouslySetInnerHTML: { __html: "" } });
}

/** Islands of the old region that the new one shows again under the same key move over and keep their state. */
export function keepIslands(old: ChildNode[], incoming: ParentNode & Node, page: Document): void {
  const data = dataOf(page);
  const kept = [...live].filter(({ key, hasSlots, root }) => key && !hasSlots && root.isIn(old));
  for (const region of regionsOf(incoming, "island")) {
    const [name, props] = data.islands[Number(region.fields[0])]!;
    const island = kept.find((island) => island.name === name && island.key === region.fields[1]);
    if (!island || hasSlots(props)) continue;
    nodesIn(region).forEach((node) => node.remove());
    region.end.remove();
    region.start.replaceWith(island.root.start, ...island.root.childNodes, island.root.end);
    render(h(components.get(name)!, props), island.root);
  }
}

/** Unmounts the islands in nodes that are about to go. */
export function disposeIslands(old: ChildNode[]): void {
  for (const island of live) {
    if (!island.root.isIn(old)) continue;
    render(null, island.root);
    live.delete(island);
  }
}

/** Gives Preact just the nodes between two comments. */
class RangeRoot implements ContainerNode {
  readonly nodeType = Node.ELEMENT_NODE;
  readonly ownerDocument = document;

  constructor(readonly start: Comment, readonly end: Comment) {}

  get parentNode(): ParentNode & Node {
    return this.start.parentNode!;
  }
  get namespaceURI(): string | null {
    return this.parentNode instanceof Element ? this.parentNode.namespaceURI : null;
  }
  get childNodes(): ChildNode[] {
    return nodesIn(this);
  }
  get firstChild(): ChildNode | null {
    return this.childNodes[0] ?? null;
  }
  contains(node: Node | null): boolean {
    return this.childNodes.some((child) => child.contains(node));
  }
  insertBefore<T extends ContainerNode>(node: T, before: ContainerNode | null): T {
    this.parentNode.insertBefore(node as unknown as Node, (before ?? this.end) as Node);
    return node;
  }
  appendChild<T extends ContainerNode>(node: T): T {
    return this.insertBefore(node, null);
  }
  removeChild<T extends ContainerNode>(node: T): T {
    this.parentNode.removeChild(node as unknown as Node);
    return node;
  }
  isIn(nodes: ChildNode[]): boolean {
    return nodes.some((node) => node.contains(this.start));
  }
}
