/** What the pages under `/docs` show of the API document. */

import type { ApiDocument } from "@/components/docs/api_document.ts";
import { type OperationGroup, operationGroups } from "@/components/docs/api_reference.ts";

const views = new WeakMap<ApiDocument, OperationGroup[]>();

/** The operations of the document by group, worked out once. */
export function referenceOf(document: ApiDocument): OperationGroup[] {
  const known = views.get(document);
  if (known) return known;
  const groups = operationGroups(document);
  views.set(document, groups);
  return groups;
}
