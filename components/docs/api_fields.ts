/** The fields of a schema as rows of a table: `scoring.dailyCap`, its type, what it means. */

import { type ApiDocument, choicesOf, resolve, type Schema, typesOf } from "./api_document.ts";

/** One field of a schema; nested ones have dotted names, items of lists `[]`. */
export interface FieldRow {
  name: string;
  type: string;
  isRequired: boolean;
  description: string;
  /** Bounds and default, e.g. `1 to 100`, `default 20`. */
  limits: string[];
}

/** Deeper fields are left to the sample. */
const DEPTH_MAX = 3;

/** The fields of an object schema; those of choices are merged. */
export function fieldRows(document: ApiDocument, schema: Schema): FieldRow[] {
  return rowsOf(document, schema, { prefix: "", depth: 0 });
}

interface Place {
  prefix: string;
  depth: number;
}

function rowsOf(document: ApiDocument, schema: Schema, place: Place): FieldRow[] {
  const resolved = resolve(document, schema);
  if (resolved.items) return rowsOf(document, resolved.items, place);
  const own = Object.entries(resolved.properties ?? {}).flatMap(([name, field]) => {
    const isRequired = resolved.required?.includes(name) ?? false;
    return [fieldRow(document, place.prefix + name, field, isRequired), ...inner(name, field)];
  });
  const all = (resolved.allOf ?? []).flatMap((part) => rowsOf(document, part, place));
  const choices = choicesOf(resolved).map((choice) => rowsOf(document, choice, place));
  return mergeRows([own, all].filter((rows) => rows.length > 0), choices);

  function inner(name: string, field: Schema): FieldRow[] {
    if (place.depth + 1 >= DEPTH_MAX) return [];
    const isList = resolve(document, field).items !== undefined;
    const prefix = `${place.prefix}${name}${isList ? "[]" : ""}.`;
    return rowsOf(document, field, { prefix, depth: place.depth + 1 });
  }
}

/** A field is required when every choice requires it; its types are those of all choices. */
function mergeRows(always: FieldRow[][], choices: FieldRow[][]): FieldRow[] {
  const merged = new Map<string, FieldRow>();
  for (const row of [...always, ...choices].flat()) {
    const known = merged.get(row.name);
    merged.set(row.name, known ? mergeRow(known, row) : row);
  }
  const named = new Set(always.flat().map(({ name }) => name));
  return [...merged.values()].map((row) => {
    const isEverywhere = choices.every((rows) => rows.some(({ name }) => name === row.name));
    return named.has(row.name) || isEverywhere ? row : { ...row, isRequired: false };
  });
}

function mergeRow(one: FieldRow, other: FieldRow): FieldRow {
  const types = new Set([...one.type.split(" | "), ...other.type.split(" | ")]);
  const descriptions = new Set([one.description, other.description].filter(Boolean));
  return {
    name: one.name,
    type: [...types].join(" | "),
    isRequired: one.isRequired && other.isRequired,
    description: [...descriptions].join("; "),
    limits: [...new Set([...one.limits, ...other.limits])],
  };
}

/** One row of its own, e.g. for a parameter. */
export function fieldRow(
  document: ApiDocument,
  name: string,
  schema: Schema,
  isRequired: boolean,
): FieldRow {
  const resolved = resolve(document, schema);
  return {
    name,
    type: typeName(document, schema),
    isRequired,
    description: resolved.description ?? "",
    limits: limitsOf(resolved),
  };
}

/** The type in words a developer reads: `"set" | "best"`, `uuid`, `Record[]`, `number | null`. */
export function typeName(document: ApiDocument, schema: Schema): string {
  const resolved = resolve(document, schema);
  if (resolved.const !== undefined) return JSON.stringify(resolved.const);
  if (resolved.enum) return resolved.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = choicesOf(resolved);
  if (choices.length > 0) {
    return [...new Set(choices.map((choice) => typeName(document, choice)))].join(" | ");
  }
  const types = typesOf(resolved);
  if (types.length === 0) return resolved.properties ? "object" : "any";
  return types.map((type) => plainTypeName(document, type, resolved)).join(" | ");
}

function plainTypeName(document: ApiDocument, type: string, schema: Schema): string {
  if (type === "array" && schema.items) {
    const item = typeName(document, schema.items);
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  return type === "string" && schema.format ? schema.format : type;
}

function limitsOf(schema: Schema): string[] {
  return [
    range(schema.minimum, schema.maximum, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items"),
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ].filter((part) => part !== "");
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  const low = isTelling(from) ? from : undefined;
  const high = isTelling(to) ? to : undefined;
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
  if (low !== undefined) return `at least ${low}${unit}`;
  return high === undefined ? "" : `at most ${high}${unit}`;
}

/** Zod writes the limits of a safe integer, which say nothing to a reader. */
function isTelling(bound: number | undefined): bound is number {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}
