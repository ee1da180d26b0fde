/** Tells where a value differs from its schema in the API document, undocumented fields included. */

import {
  type ApiDocument,
  choicesOf,
  resolve,
  type Schema,
  typesOf,
} from "@/components/docs/api_document.ts";

/** The faults of a value, each with its path; none when the document tells the truth. */
export function schemaFaults(
  document: ApiDocument,
  schema: Schema,
  value: unknown,
  path = "$",
): string[] {
  const resolved = resolve(document, schema);
  const choices = choicesOf(resolved);
  if (choices.length > 0) return choiceFaults(document, choices, value, path);
  const parts = (resolved.allOf ?? []).flatMap((part) => {
    // Fields of the other parts are not unknown, which the whole finds out below.
    return schemaFaults(
      document,
      { ...resolve(document, part), additionalProperties: true },
      value,
      path,
    );
  });
  return [
    ...parts,
    ...plainFaults(resolved, value, path),
    ...listFaults(document, resolved, value, path),
    ...objectFaults(document, resolved, value, path),
  ];
}

function choiceFaults(
  document: ApiDocument,
  choices: Schema[],
  value: unknown,
  path: string,
): string[] {
  const faults = choices.map((choice) => schemaFaults(document, choice, value, path));
  if (faults.some((found) => found.length === 0)) return [];
  return [`${path} fits no choice: ${faults.flat().slice(0, 3).join("; ")}`];
}

function plainFaults(schema: Schema, value: unknown, path: string): string[] {
  const shown = JSON.stringify(value)?.slice(0, 60);
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return [`${path} is ${shown}, not ${types.join(" or ")}`];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${path} is ${shown}, not in the enum`];
  if (schema.const !== undefined && schema.const !== value) return [`${path} is ${shown}`];
  if (typeof value === "string" && !hasFormat(value, schema.format)) {
    return [`${path} is ${shown}, not a ${schema.format}`];
  }
  return [];
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    default:
      return false;
  }
}

const FORMATS: Record<string, RegExp> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  date: /^\d{4}-\d\d-\d\d$/,
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

function hasFormat(text: string, format: string | undefined): boolean {
  return FORMATS[format ?? ""]?.test(text) ?? true;
}

function listFaults(
  document: ApiDocument,
  schema: Schema,
  value: unknown,
  path: string,
): string[] {
  const { items } = schema;
  if (!items || !Array.isArray(value)) return [];
  return value.flatMap((item, index) => schemaFaults(document, items, item, `${path}[${index}]`));
}

function objectFaults(
  document: ApiDocument,
  schema: Schema,
  value: unknown,
  path: string,
): string[] {
  if (!isOfType(value, "object")) return [];
  const fields = Object.entries(value as object);
  const missing = (schema.required ?? []).filter((name) => !(name in (value as object)));
  const known = knownFields(document, schema);
  const isOpen = schema.additionalProperties !== undefined || known.size === 0;
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...fields.flatMap(([name, field]) => {
      const own = schema.properties?.[name];
      if (own) return schemaFaults(document, own, field, `${path}.${name}`);
      return isOpen || known.has(name) ? [] : [`${path}.${name} is not documented`];
    }),
  ];
}

function knownFields(document: ApiDocument, schema: Schema): Set<string> {
  const resolved = resolve(document, schema);
  const inner = (resolved.allOf ?? []).flatMap((part) => [...knownFields(document, part)]);
  return new Set([...Object.keys(resolved.properties ?? {}), ...inner]);
}
