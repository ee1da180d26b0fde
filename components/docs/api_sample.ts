/** Values that fit a schema, for samples of requests and answers. */

import { type ApiDocument, choicesOf, resolve, type Schema, typesOf } from "./api_document.ts";

/** Schemas that contain themselves end here. */
const DEPTH_MAX = 8;

/** A value that fits the schema: its example, default, first choice, or a plain value. */
export function sampleOf(document: ApiDocument, schema: Schema): unknown {
  return sampleAt(document, schema, 0);
}

function sampleAt(document: ApiDocument, schema: Schema, depth: number): unknown {
  const resolved = resolve(document, schema);
  const given = givenSample(resolved);
  if (given) return given.value;
  if (depth > DEPTH_MAX) return null;
  const choice = choicesOf(resolved)[0];
  if (choice) return sampleAt(document, choice, depth + 1);
  if (resolved.properties || resolved.allOf) return objectSample(document, resolved, depth);
  if (resolved.items) return [sampleAt(document, resolved.items, depth + 1)];
  return plainSample(resolved);
}

/** What the schema itself offers; null is a value like any other. */
function givenSample(schema: Schema): { value: unknown } | undefined {
  if (schema.example !== undefined) return { value: schema.example };
  if (schema.examples?.length) return { value: schema.examples[0] };
  if (schema.const !== undefined) return { value: schema.const };
  if (schema.default !== undefined) return { value: schema.default };
  return schema.enum?.length ? { value: schema.enum[0] } : undefined;
}

function objectSample(document: ApiDocument, schema: Schema, depth: number): object {
  const parts = (schema.allOf ?? []).map((part) => sampleAt(document, part, depth + 1));
  const own = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    return [name, sampleAt(document, property, depth + 1)];
  });
  return Object.assign({}, ...parts, Object.fromEntries(own));
}

const STRING_SAMPLES: Record<string, string> = {
  uuid: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  email: "mira@example.org",
  date: "2026-05-01",
  "date-time": "2026-05-01T07:00:00.000Z",
};

function plainSample(schema: Schema): unknown {
  switch (typesOf(schema)[0] ?? "object") {
    case "string":
      return STRING_SAMPLES[schema.format ?? ""] ?? "text";
    case "integer":
    case "number":
      return numberSample(schema);
    case "boolean":
      return true;
    case "array":
      return [];
    case "null":
      return null;
    default:
      return {};
  }
}

/** The smallest number from zero on that fits. */
function numberSample({ minimum = 0, maximum = Infinity }: Schema): number {
  return Math.min(Math.max(minimum, 0), maximum);
}
