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

/** What every path that takes a token may refuse. */
export const TOKEN_REFUSALS = [
  "UNAUTHORIZED",
  "INVALID_TOKEN",
  "TOKEN_EXPIRED",
  "ACCOUNT_SUSPENDED",
  "FORBIDDEN",
] as const satisfies readonly ErrorCode[];

/** The same for paths that also take fields. */
export const FIELD_REFUSALS = [
  "VALIDATION_ERROR",
  ...TOKEN_REFUSALS,
] as const satisfies readonly ErrorCode[];

interface JsonAnswer<T extends z.ZodType> {
  description: string;
  content: { "application/json": { schema: T } };
}

interface FailureAnswer {
  description: string;
  content: {
    "application/json": { schema: typeof Failure; examples: Record<string, { $ref: string }> };
  };
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

/** The failures of a route, grouped by status, each with a sample by code. */
export function failures(...codes: readonly ErrorCode[]) {
  const byStatus: Record<number, FailureAnswer> = {};
  for (const [status, names] of groupByStatus([...ALWAYS, ...codes])) {
    byStatus[status] = failureAnswer(names);
  }
  return byStatus;
}

/** One failure answer; the samples of all codes stand once among the components. */
export function failureAnswer(codes: readonly ErrorCode[]): FailureAnswer {
  const examples = Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
  );
  return {
    description: codes.join(" · "),
    content: { "application/json": { schema: Failure, examples } },
  };
}

function groupByStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  return Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code]);
}

function json<T extends z.ZodType>(description: string, schema: T): JsonAnswer<T> {
  return { description, content: { "application/json": { schema } } };
}
