import { page } from "fresh";
import { JoinForm } from "@/components/competition/JoinForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText } from "@/components/competition/rule_text.ts";
import type { EntryCheck } from "@/contracts/entry_check.ts";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { purseOf } from "../../competition_purse.ts";
import { define } from "../../define.ts";
import { joinHere } from "../../join_request.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";

export const handler = define.handlers({
  /** With a code that was typed at the door: what else joining takes. */
  async GET(ctx) {
    const { services, actor, account } = ctx.state;
    const path = `/c/${ctx.params.slug}`;
    const code = ctx.url.searchParams.get("inviteCode") ?? "";
    if (!account || code === "") return ctx.redirect(path, 303);
    let check: EntryCheck | undefined;
    const refusal = await refusalOf(async () => {
      check = await services.competitions.entryCheck(actor, ctx.params.slug!, { inviteCode: code });
    });
    if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
    if (check!.isIn) return ctx.redirect(path, 303);
    const { competition } = check!;
    const purse = await purseOf(ctx.state, { ...competition, participantId: null });
    return page({ check: check!, code, purse });
  },
  POST(ctx) {
    const slug = ctx.params.slug!;
    return joinHere(ctx, { slug, failedPath: `/c/${slug}` });
  },
});

export default define.page<typeof handler>(function Join({ data, state, url }) {
  const { check, code, purse } = data;
  const { competition } = check;
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        <PageHead title={`Join ${competition.name}`} sub={ruleText(competition.scoring)} />
        <section class="card card-body stack" aria-label="Joining">
          <JoinForm
            action={`/c/${competition.slug}/join`}
            competition={competition}
            check={check}
            purse={purse}
            csrfToken={state.csrfToken}
            code={code}
          />
        </section>
      </div>
    </SitePage>
  );
});
