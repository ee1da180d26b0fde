/** Reading posted fields, and saying what is wrong with them beside each one. */

import type { ZodError } from "zod";
import type { Faults } from "@/components/Field.tsx";
import type { DomainError } from "@/domain/error.ts";

export { chosenOf, textOf } from "@/components/form_text.ts";

/** A password as typed: spaces belong to it. */
export function secretOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Faults of a schema, by field; the first of each field. */
export function faultsOfSchema(error: ZodError): Faults {
  const faults: Faults = {};
  for (const issue of error.issues) faults[issue.path.join(".")] ??= issueText(issue);
  return faults;
}

/** Faults of a refusal: by field where it names fields, else under the empty name. */
export function faultsOfRefusal(error: DomainError): Faults {
  const faults: Faults = {};
  for (const { field, message } of error.details ?? []) faults[field] ??= message;
  return Object.keys(faults).length > 0 ? faults : { "": error.message };
}

type Issue = ZodError["issues"][number];

/** A fault in words for a person; the schemas' own sentences stay as they are.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { z } from "zod";
 * import { issueText } from "@/routes/forms/fields.ts";
 *
 * const issue = z.string().min(10).safeParse("short").error!.issues[0]!;
 * assertEquals(issueText(issue), "Use at least 10 characters");
 * ```
 */
export function issueText(issue: Issue): string {
  switch (issue.code) {
    case "too_small":
      return tooSmallText(issue);
    case "too_big":
      return issue.origin === "string"
        ? `Use at most ${issue.maximum} characters`
        : issue.origin === "array"
        ? `Choose at most ${issue.maximum}`
        : `Give at most ${issue.maximum}`;
    case "invalid_format":
      return issue.format === "email"
        ? "Give an e-mail address, like mira@example.org"
        : own(issue);
    case "invalid_value":
      return "Choose one of the offered values";
    case "invalid_type":
      return issue.expected === "int" ? "Give a whole number" : `Give a ${issue.expected}`;
    default:
      return own(issue);
  }
}

function tooSmallText(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") {
    return issue.minimum === 1 ? "Fill this in" : `Use at least ${issue.minimum} characters`;
  }
  return issue.origin === "array" ? "Choose at least one" : `Give at least ${issue.minimum}`;
}

function own(issue: Issue): string {
  return issue.message.replace(/^Invalid input: ?/, "") || "This cannot be used";
}
