/** Pages of several forms: each button names its action, most ask for a reason. */

import { type Context, HttpError } from "fresh";
import type { Attempt } from "@/components/ReasonForm.tsx";
import { Reason } from "@/contracts/corrections.ts";
import { Id } from "@/contracts/envelope.ts";
import { DomainError } from "@/domain/error.ts";
import type { State } from "../define.ts";
import { refusalOf } from "../page_answer.ts";
import { faultsOfRefusal, textOf } from "./fields.ts";

/** What one button does; gives what is said afterwards. */
export type FormAction = (posted: { reason: string; form: FormData }) => Promise<string>;

/** What became of a post: words for the next page, or the attempt with its status. */
export type Attempted =
  | { done: string }
  | { done?: never; attempt: Attempt; status: number };

/** Actions whose reason may be left out are named in `optional`. */
export async function tryAction(
  ctx: Context<State>,
  actions: Readonly<Record<string, FormAction>>,
  optional: readonly string[] = [],
): Promise<Attempted> {
  const { form } = ctx.state;
  const name = textOf(form, "action");
  const reason = textOf(form, "reason");
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) throw new HttpError(400, "Cannot do this: the action is not known");
  const fault = reasonFault(reason, optional.includes(name));
  if (fault) return { attempt: { action: name, reason, faults: { reason: fault } }, status: 422 };
  let done = "";
  const refusal = await refusalOf(async () => {
    done = await action({ reason, form });
  });
  if (!refusal) return { done };
  const faults = attemptFaults(refusal);
  return { attempt: { action: name, reason, faults }, status: refusal.status };
}

function reasonFault(reason: string, isOptional: boolean): string | undefined {
  if (reason === "" && !isOptional) return "Say why; it is kept with what you do";
  const given = Reason.safeParse(reason);
  return given.success || reason === "" ? undefined : "Use at most 500 characters";
}

/** Faults by field; those that no field of the form carries are said above it. */
function attemptFaults(refusal: DomainError): Attempt["faults"] {
  const faults = faultsOfRefusal(refusal);
  const isNamed = Object.keys(faults).some((name) => FIELDS.includes(name));
  return isNamed ? faults : { "": `${refusal.message}.` };
}

/** Fields that these forms have. */
const FIELDS = ["reason", "text", "score", "occurredAt", "name", "slug", "startsAt"];

/** An id out of an address or a form. Fails with `NOT_FOUND`, since nothing has such an id. */
export function idOf(text: string | undefined): string {
  const id = Id.safeParse(text);
  if (id.success) return id.data;
  throw new DomainError("NOT_FOUND", "Cannot find this: there is none");
}
