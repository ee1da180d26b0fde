import type { Context } from "fresh";
import type { PlacedOrder } from "@/contracts/orders.ts";
import { define, type State } from "../../define.ts";
import { textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther, toSignIn } from "../../page_answer.ts";
import { toPayment } from "../../payment_step.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/c/${ctx.params.slug}`, 303),
  async POST(ctx) {
    const { services, actor, form, account } = ctx.state;
    if (!account) return toSignIn(ctx);
    const slug = ctx.params.slug!;
    const inviteCode = textOf(form, "inviteCode") || undefined;
    if (textOf(form, "method") === "gateway") return await payOutside(ctx, inviteCode);
    let isNew = true;
    const refusal = await refusalOf(async () => {
      isNew = (await services.competitions.join(actor, slug, { inviteCode })).created;
    });
    if (refusal?.code === "INSUFFICIENT_FUNDS") {
      const text = "Your wallet holds less than the entry fee. Top it up first.";
      return seeOther(ctx, `/c/${slug}`, { tone: "bad", text });
    }
    if (refusal) return seeOther(ctx, `/c/${slug}`, { tone: "bad", text: `${refusal.message}.` });
    const text = isNew ? "You are in. Good luck!" : "You already take part.";
    return seeOther(ctx, `/c/${slug}`, { tone: "good", text });
  },
});

/** Entering by way of the payment gateway: the place is taken when the payment arrives. */
async function payOutside(ctx: Context<State>, inviteCode: string | undefined): Promise<Response> {
  const { services, actor } = ctx.state;
  const competitionId = ctx.params.slug!;
  const input = { kind: "entry", competitionId, method: "gateway" } as const;
  let placed: PlacedOrder | undefined;
  const refusal = await refusalOf(async () => {
    placed = await services.orders.place(actor, inviteCode ? { ...input, inviteCode } : input);
  });
  if (placed) return toPayment(ctx, placed);
  const text = `${refusal?.message ?? "Cannot place the order"}.`;
  return seeOther(ctx, `/c/${competitionId}`, { tone: "bad", text });
}
