/** JSON Schemas of contracts that no route names, as components of a document. */

import { z } from "zod";

/** The part of a JSON Schema that is looked into here. */
export interface ComponentSchema {
  description?: string;
  oneOf?: ComponentSchema[];
  properties?: Record<string, { const?: unknown }>;
}

/** A schema and those with an id that it is made of, by id. */
export function componentsOf(schema: z.ZodType): Record<string, ComponentSchema> {
  // As input: a client that refuses unknown fields would break with every new one.
  const text = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  return JSON.parse(text.replaceAll("#/$defs/", "#/components/schemas/")).$defs;
}
