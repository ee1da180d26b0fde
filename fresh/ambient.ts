/**
 * The render in progress, as code shared with the browser may see it. The server installs `current`
 * once (an async-local lookup), so that nothing of one request or one App leaks into another.
 *
 * @module
 */

import type { ComponentChildren } from "preact";

/** What `asset()`, `Head` and `Partial` need from the server's render. */
export interface Ambient {
  /** Names everything that one build ships. */
  readonly buildId: string;
  /** Takes children for the document's head. */
  head(children: ComponentChildren): void;
  /** Wraps a region in the markers that client navigation looks for. */
  partial(region: PartialProps): ComponentChildren;
}

/** A region that client navigation may swap. */
export interface PartialProps {
  /** Unique on the page. */
  name: string;
  /** How the next page's content gets in: instead of, after or before the old one. */
  mode?: "replace" | "append" | "prepend";
  children?: ComponentChildren;
}

/** Replaced by the server's renderer; the browser keeps this one. */
export const ambient: { current: () => Ambient | undefined } = { current: () => undefined };
