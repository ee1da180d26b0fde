import { page } from "fresh";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { moneyText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";
import { SitePage } from "../../(_frames)/SitePage.tsx";
import { define } from "../../define.ts";
import { refusalOf, seeOther, toSignIn } from "../../page_answer.ts";

const CONSEQUENCES = [
  "You leave the board; those below you move up.",
  "Your activity stays yours, and counts on in your other competitions.",
  "You can join again while registration is open.",
];

const TEAM_CONSEQUENCE = "Your team keeps what you gave to it; coming back, you are in none.";

function consequencesOf(
  { entryFee, startsAt, teams }: CompetitionView,
  nowMs: number,
): string[] {
  const consequences = teams ? [...CONSEQUENCES, TEAM_CONSEQUENCE] : CONSEQUENCES;
  if (entryFee === null) return consequences;
  const fee = moneyText(entryFee.amount, entryFee.currency);
  return [
    ...consequences,
    nowMs < Date.parse(startsAt)
      ? `The entry fee of ${fee} goes back into your wallet.`
      : `It has started: the entry fee of ${fee} is not given back, and joining again costs nothing.`,
  ];
}

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor, account } = ctx.state;
    if (!account) return toSignIn(ctx);
    return page({ competition: await services.competitions.get(actor, ctx.params.slug!) });
  },
  async POST(ctx) {
    const { services, actor, account } = ctx.state;
    if (!account) return toSignIn(ctx);
    const path = `/c/${ctx.params.slug}`;
    const refusal = await refusalOf(() => services.competitions.leave(actor, ctx.params.slug!));
    if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
    return seeOther(ctx, path, { tone: "good", text: "You have left the competition." });
  },
});

export default define.page<typeof handler>(function Leave({ data: { competition }, state, url }) {
  const path = `/c/${competition.slug}`;
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        <PageHead
          title={`Leave ${competition.name}`}
          crumbs={[{ href: path, label: competition.name }]}
        />
        <section class="card danger-card">
          <div class="card-body stack">
            <ul class="consequences">
              {consequencesOf(competition, state.nowMs).map((text) => (
                <li key={text}>
                  <Icon name="right" />
                  {text}
                </li>
              ))}
            </ul>
            <form method="post" action={`${path}/leave`} class="actions">
              <CsrfField token={state.csrfToken} />
              <button type="submit" class="button danger">Leave</button>
              <a class="button" href={path}>Stay</a>
            </form>
          </div>
        </section>
      </div>
    </SitePage>
  );
});
