import { page } from "fresh";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { define } from "../define.ts";
import { seeOther } from "../page_answer.ts";

export const handler = define.handlers({
  async GET(ctx) {
    if (await ctx.state.services.demo.exists()) return page();
    return seeOther(ctx, "/admin", { tone: "warn", text: "There is no demo data." });
  },
  async POST(ctx) {
    const { services, actor } = ctx.state;
    const removed = await services.demo.remove(actor);
    return seeOther(ctx, "/admin", {
      tone: "good",
      text: `Demo data is gone: ${removed.competitions} competitions and ${removed.users} people.`,
    });
  },
});

const CONSEQUENCES = [
  "The demo competitions go with their boards, logs and participants.",
  "The made-up athletes go with their activity.",
  "Test money that they paid and won is taken back. The books keep every line of it, for accounts " +
  "without a name.",
  "A competition that you paid into stays, with whoever is in it.",
  "The simulator has nobody left to move and stops.",
  "Your account, and whatever you made yourself, stays.",
];

export default define.page<typeof handler>(function RemoveDemo({ state }) {
  return (
    <div class="narrow">
      <PageHead title="Remove demo data" crumbs={[{ href: "/admin", label: "Overview" }]} />
      <section class="card danger-card">
        <div class="card-body stack">
          <ul class="consequences">
            {CONSEQUENCES.map((text) => (
              <li key={text}>
                <Icon name="right" />
                {text}
              </li>
            ))}
          </ul>
          <p>This cannot be undone.</p>
          <form method="post" action="/admin/demo" class="actions">
            <CsrfField token={state.csrfToken} />
            <button type="submit" class="button danger">Remove demo data</button>
            <a class="button" href="/admin">Keep it</a>
          </form>
        </div>
      </section>
    </div>
  );
});
