import { define } from "../../define.ts";
import { joinHere } from "../../join_request.ts";

export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/c/${ctx.params.slug}`, 303),
  POST(ctx) {
    const slug = ctx.params.slug!;
    return joinHere(ctx, { slug, failedPath: `/c/${slug}` });
  },
});
