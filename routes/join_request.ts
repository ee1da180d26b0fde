/** Joining by a form: what was posted, what becomes of it, and whether it may succeed. */

import type { Context } from "fresh";
import type { JoinRequest } from "@/contracts/competitions.ts";
import type { EntryCheck } from "@/contracts/entry_check.ts";
import type { PlacedOrder } from "@/contracts/orders.ts";
import { DomainError } from "@/domain/error.ts";
import type { State } from "./define.ts";
import { textOf } from "./forms/fields.ts";
import { refusalOf, seeOther, toSignIn } from "./page_answer.ts";
import { toPayment } from "./payment_step.ts";

/** Joins, or begins to pay; a refusal is told on the page that the form was on. */
export async function joinHere(
  ctx: Context<State>,
  { slug, inviteCode, failedPath }: {
    slug: string;
    /** The code of the link; the form's own where there is none. */
    inviteCode?: string;
    failedPath: string;
  },
): Promise<Response> {
  const { services, actor, form, account } = ctx.state;
  if (!account) return toSignIn(ctx);
  const request = requestOf(form, inviteCode);
  const failed = (refusal: DomainError) => {
    return seeOther(ctx, failedPath, { tone: "bad", text: refusalText(refusal) });
  };
  if (textOf(form, "method") === "gateway") {
    let placed: PlacedOrder | undefined;
    const input = { kind: "entry", competitionId: slug, method: "gateway" } as const;
    const refusal = await refusalOf(async () => {
      placed = await services.orders.place(actor, { ...input, ...request });
    });
    return refusal ? failed(refusal) : toPayment(ctx, placed!);
  }
  let isNew = true;
  const refusal = await refusalOf(async () => {
    isNew = (await services.competitions.join(actor, slug, request)).created;
  });
  if (refusal) return failed(refusal);
  const text = isNew ? "You are in. Good luck!" : "You already take part.";
  return seeOther(ctx, `/c/${slug}`, { tone: "good", text });
}

function requestOf(form: FormData, inviteCode = textOf(form, "inviteCode")): JoinRequest {
  const isOn = (name: string) => textOf(form, name) === "on";
  const [division, teamId] = [textOf(form, "division"), textOf(form, "teamId")];
  return {
    ...(inviteCode ? { inviteCode } : {}),
    ...(division ? { division } : {}),
    ...(teamId ? { teamId } : {}),
    accept: { rules: isOn("acceptRules"), healthData: isOn("acceptHealthData") },
  };
}

/** The first thing that a refusal says to the one who wanted to join; pages list the rest. */
function refusalText(refusal: DomainError): string {
  if (refusal.code === "INSUFFICIENT_FUNDS") {
    return "Your wallet holds less than the entry fee. Top it up first.";
  }
  return `${refusal.message}.`;
}

/** The viewer's verdicts; null for visitors, for who is in, and where they may not be told. */
export async function entryCheckOf(
  { services, actor }: State,
  competition: { id: string; participantId?: string | null; status: string },
  inviteCode?: string,
): Promise<EntryCheck | null> {
  if (actor.kind !== "user" || competition.participantId) return null;
  if (competition.status !== "published") return null;
  try {
    return await services.competitions.entryCheck(actor, competition.id, { inviteCode });
  } catch (error) {
    if (error instanceof DomainError && error.status < 500) return null;
    throw error;
  }
}
