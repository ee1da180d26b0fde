import { define } from "../../define.ts";
import { textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther, toSignIn } from "../../page_answer.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/c/${ctx.params.slug}`, 303),
  async POST(ctx) {
    const { services, actor, form, account } = ctx.state;
    if (!account) return toSignIn(ctx);
    const slug = ctx.params.slug!;
    const inviteCode = textOf(form, "inviteCode") || undefined;
    let isNew = true;
    const refusal = await refusalOf(async () => {
      isNew = (await services.competitions.join(actor, slug, { inviteCode })).created;
    });
    if (refusal) return seeOther(ctx, `/c/${slug}`, { tone: "bad", text: `${refusal.message}.` });
    const text = isNew ? "You are in. Good luck!" : "You already take part.";
    return seeOther(ctx, `/c/${slug}`, { tone: "good", text });
  },
});
