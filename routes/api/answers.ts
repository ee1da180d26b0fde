/** The answers of a route for the OpenAPI document: one success, and the failures by code. */

import type { z } from "zod";
import { Failure, success, successPage } from "@/contracts/envelope.ts";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";

/** Every route may answer these; naming them each time would say nothing. */
const ALWAYS: readonly ErrorCode[] = [
  "BAD_REQUEST",
  "RATE_LIMIT_EXCEEDED",
  "INTERNAL_ERROR",
  "SERVICE_UNAVAILABLE",
];

interface JsonAnswer<T extends z.ZodType> {
  description: string;
  content: { "application/json": { schema: T } };
}

/** A JSON answer in the success envelope. */
export function answer<T extends z.ZodType>(description: string, data: T) {
  return json(description, success(data));
}

/** A JSON answer with one page of a list. */
export function answerPage<T extends z.ZodType>(description: string, item: T) {
  return json(description, successPage(item));
}

/** The JSON body of a request. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** The failures of a route, grouped by status, each naming its codes. */
export function failures(...codes: readonly ErrorCode[]) {
  const byStatus: Record<number, JsonAnswer<typeof Failure>> = {};
  for (const [status, names] of groupByStatus([...ALWAYS, ...codes])) {
    byStatus[status] = json(names.join(" · "), Failure);
  }
  return byStatus;
}

function groupByStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  return Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code]);
}

function json<T extends z.ZodType>(description: string, schema: T): JsonAnswer<T> {
  return { description, content: { "application/json": { schema } } };
}
