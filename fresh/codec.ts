/**
 * Island props on the wire: one devalue graph a page, so that a signal given to two islands is one
 * signal in the browser as well.
 *
 * @module
 */

import { Signal, signal } from "@preact/signals";

/** Stands for JSX given to an island; the HTML is in the document. */
export class SlotRef {
  constructor(readonly id: number) {}
}

/** devalue reducers: type → what to send, or false. */
export const reducers: Record<string, (value: unknown) => unknown> = {
  Signal: (value) => value instanceof Signal && [value.peek()],
  Slot: (value) => value instanceof SlotRef && value.id + 1,
};

/** devalue revivers, the inverse of `reducers`. */
export const revivers = {
  Signal: ([value]: [unknown]) => signal(value),
  Slot: (idPlusOne: number) => new SlotRef(idPlusOne - 1),
};
