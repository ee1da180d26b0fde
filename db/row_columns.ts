/**
 * Many rows as the parameters of one statement, a column a parameter, so that its text is the same
 * for any number of rows. The rows come out of a `select` of set-returning functions, which
 * PostgreSQL steps through side by side: as functions in `from` each would fill a table of its own
 * first.
 *
 * @module
 */

import { plainArray, textArray } from "./array_literal.ts";

/** The values of a statement, `$1` first. */
export class StatementValues {
  readonly all: (string | number | Uint8Array | null)[] = [];

  /** Takes a value; gives how the statement names it. */
  add(value: string | number | Uint8Array | null, type: string): string {
    return `$${this.all.push(value)}::${type}`;
  }
}

/**
 * Columns of rows numbered by `n`, from 0 on.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RowColumns, StatementValues } from "@/db/row_columns.ts";
 *
 * const values = new StatementValues();
 * const columns = new RowColumns(values, 2);
 * columns.each("score", "bigint", [5, null]);
 * columns.all("kind", "text", "run");
 * assertEquals(
 *   columns.select,
 *   "select generate_series(0, $1::int) as n, unnest($2::bigint[]) as score, $3::text as kind",
 * );
 * assertEquals(values.all, [1, "{5,NULL}", "run"]);
 * ```
 */
export class RowColumns {
  readonly #values: StatementValues;
  readonly #list: string[];

  constructor(values: StatementValues, count: number) {
    this.#values = values;
    this.#list = [`generate_series(0, ${values.add(count - 1, "int")}) as n`];
  }

  /** A column of values that need no quotes: numbers, UUIDs, hex. */
  each(name: string, type: string, values: readonly (string | number | null)[]): void {
    this.#unnest(name, type, plainArray(values));
  }

  /** A column of any texts. */
  eachText(name: string, values: readonly (string | null)[]): void {
    this.#unnest(name, "text", textArray(values));
  }

  /** A column that says the same of every row. */
  all(name: string, type: string, value: string | number | null): void {
    this.#list.push(`${this.#values.add(value, type)} as ${name}`);
  }

  /** The rows, as a table. */
  get select(): string {
    return `select ${this.#list.join(", ")}`;
  }

  #unnest(name: string, type: string, array: string): void {
    this.#list.push(`unnest(${this.#values.add(array, `${type}[]`)}) as ${name}`);
  }
}
