import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { CsrfField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { NoticeLine } from "@/components/frame/NoticeLine.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { NoticeQuery, NoticesRead } from "@/contracts/notices.ts";
import { define } from "../define.ts";
import { textOf } from "../forms/fields.ts";
import { queryOf } from "../forms/query.ts";
import { personIn, seeOther } from "../page_answer.ts";

const PATH = "/me/notices";

export const handler = define.handlers({
  async GET({ state, url }) {
    const query = queryOf(NoticeQuery, url.searchParams);
    const { services, actor } = state;
    return page({ query, list: await services.notices.list(actor, personIn(state).userId, query) });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const read = NoticesRead.safeParse({ upTo: Number(textOf(form, "upTo")) });
    if (read.success) {
      await services.notices.markRead(actor, personIn(ctx.state).userId, read.data);
    }
    return seeOther(ctx, PATH);
  },
});

export default define.page<typeof handler>(function Notices({ data, state }) {
  const { query, list } = data;
  const isUnread = query.unread === "true";
  const [newest] = list.items;
  return (
    <div class="narrow">
      <PageHead title="Notices" sub="What happened to your entries and your money.">
        {newest && query.page === 1 && state.noticesUnread > 0
          ? (
            <form method="post" action={PATH}>
              <CsrfField token={state.csrfToken} />
              <input type="hidden" name="upTo" value={newest.id} />
              <button type="submit" class="button">
                <Icon name="check" /> Mark all as read
              </button>
            </form>
          )
          : null}
      </PageHead>
      <nav class="tabs" aria-label="Which notices">
        <a href={PATH} aria-current={isUnread ? undefined : "page"}>All</a>
        <a href={`${PATH}?unread=true`} aria-current={isUnread ? "page" : undefined}>Unread</a>
      </nav>
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isUnread ? "Everything is read" : "No notices yet"}
              text="You are told here of payments, refunds, prizes and changes of the rules."
            />
          )
          : (
            <>
              <ul class="plain notices">
                {list.items.map((notice) => (
                  <NoticeLine key={notice.id} notice={notice} view={state.view} />
                ))}
              </ul>
              <Pagination path={PATH} state={{ unread: query.unread }} {...list} noun="notices" />
            </>
          )}
      </div>
    </div>
  );
});
