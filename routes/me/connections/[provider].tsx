import { HttpError, page } from "fresh";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { define } from "../../define.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";

const PATH = "/me/connections";

const CONSEQUENCES = [
  "Nothing new is fetched, from now on.",
  "The access ends at the provider too, within minutes.",
  "What was fetched stays and counts; you can remove sessions one by one.",
];

export const handler = define.handlers({
  async GET({ state: { services, actor }, params }) {
    const connection = (await services.connections.list(actor))
      .find(({ provider, status }) => provider === params.provider && status !== null);
    if (!connection) throw new HttpError(404);
    return page({ connection });
  },
  async POST(ctx) {
    const { services, actor } = ctx.state;
    const connection = (await services.connections.list(actor))
      .find(({ provider }) => provider === ctx.params.provider);
    if (!connection) throw new HttpError(404);
    const refusal = await refusalOf(() => services.connections.revoke(actor, connection.provider));
    if (refusal && refusal.code !== "NOT_FOUND") throw refusal;
    const text = `${connection.title} is disconnected.`;
    return seeOther(ctx, PATH, { tone: "good", text });
  },
});

export default define.page<typeof handler>(function Disconnect({ data: { connection }, state }) {
  const { provider, title } = connection;
  return (
    <div class="narrow">
      <PageHead title={`Disconnect ${title}?`} crumbs={[{ href: PATH, label: "Connections" }]} />
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
          <form method="post" action={`${PATH}/${provider}`}>
            <CsrfField token={state.csrfToken} />
            <div class="actions">
              <button type="submit" class="button danger">Disconnect {title}</button>
              <a class="button" href={PATH}>Keep it</a>
            </div>
          </form>
        </div>
      </section>
    </div>
  );
});
