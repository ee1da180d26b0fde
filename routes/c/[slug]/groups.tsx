import { TeamInput } from "@/contracts/teams.ts";
import { define } from "../../define.ts";
import { textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther, toSignIn } from "../../page_answer.ts";

/** What the forms of one's own division and team do. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(`/c/${ctx.params.slug}`, 303),
  async POST(ctx) {
    const { services: { teams }, actor, form, account } = ctx.state;
    if (!account) return toSignIn(ctx);
    const slug = ctx.params.slug!;
    const path = `/c/${slug}`;
    let text = "";
    const refusal = await refusalOf(async () => {
      switch (textOf(form, "action")) {
        case "division": {
          const { division } = await teams.chooseDivision(actor, slug, {
            division: textOf(form, "division"),
          });
          text = `Your division is ${division} now.`;
          break;
        }
        case "make": {
          const input = TeamInput.safeParse({ name: textOf(form, "name") });
          if (!input.success) break;
          const team = await teams.create(actor, slug, input.data);
          text = `Team ${team.name} is made, and you are in it.`;
          break;
        }
        default: {
          const teamId = textOf(form, "teamId");
          if (teamId === "") await teams.leave(actor, slug);
          else await teams.join(actor, slug, teamId);
          text = teamId === "" ? "You are in no team now." : "You are in the team.";
        }
      }
    });
    if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
    if (text === "") {
      const fault = "Give the team a name of up to 80 visible characters.";
      return seeOther(ctx, path, { tone: "bad", text: fault });
    }
    return seeOther(ctx, path, { tone: "good", text });
  },
});
