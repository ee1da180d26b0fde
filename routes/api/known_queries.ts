/** Queries that were validated before, by their text: most readers of boards ask for the same few. */

/** Texts kept; what comes after is validated each time. */
const QUERIES_MAX = 1000;
/** Longer texts hold cursors, which nobody sends twice. */
const TEXT_MAX = 80;

export class KnownQueries<Query extends object> {
  readonly #byText = new Map<string, Query>();
  readonly #none: Query;

  /** `none` is what an address without a query asks for. */
  constructor(none: Query) {
    this.#none = none;
  }

  /** The query of an address; undefined when it must be validated. */
  of(url: string): Query | undefined {
    const text = queryText(url);
    return text === "" ? this.#none : this.#byText.get(text);
  }

  /** Keeps what an address was found to ask for. */
  remember(url: string, query: Query): void {
    const text = queryText(url);
    if (text.length > TEXT_MAX || this.#byText.size >= QUERIES_MAX) return;
    this.#byText.set(text, query);
  }
}

function queryText(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start + 1);
}
