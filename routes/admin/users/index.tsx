import { page } from "fresh";
import { Avatar } from "@/components/Avatar.tsx";
import { Badge, RoleBadge, roleName } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { SortHeader } from "@/components/SortHeader.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import { UserQuery, UserStatus } from "@/contracts/users.ts";
import { ROLES } from "@/domain/actor.ts";
import { define } from "../../define.ts";
import { queryOf } from "../../forms/query.ts";

const PATH = "/admin/users";

export const handler = define.handlers({
  async GET(ctx) {
    const query = queryOf(UserQuery, ctx.url.searchParams);
    return page({ query, list: await ctx.state.services.users.list(ctx.state.actor, query) });
  },
});

export default define.page<typeof handler>(function Users({ data, state }) {
  const { query, list } = data;
  const { q, role, status, sort, order } = query;
  const listState = { q, role, status, sort, order };
  const head = { path: PATH, state: listState };
  return (
    <>
      <PageHead title="Users" sub="Who has an account here, and what they may do." />
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState title="Nobody matches" text="No user fits this search and these filters.">
              <a class="button" href={PATH}>Show everybody</a>
            </EmptyState>
          )
          : (
            <>
              <table class="table blocks">
                <thead>
                  <tr>
                    <SortHeader {...head} column="name" label="Name" />
                    <SortHeader {...head} column="role" label="Role" />
                    <th scope="col">Status</th>
                    <SortHeader {...head} column="createdAt" label="Since" first="desc" />
                  </tr>
                </thead>
                <tbody>
                  {list.items.map((user) => (
                    <tr key={user.id}>
                      <td>
                        <span class="person">
                          <Avatar id={user.id} name={user.name} />
                          <span>
                            <a class="lead-link" href={`${PATH}/${user.id}`}>{user.name}</a>
                            <span class="under">{user.email}</span>
                          </span>
                        </span>
                      </td>
                      <td>
                        <RoleBadge role={user.role} />
                      </td>
                      <td>
                        <Badge tone={user.status === "active" ? "good" : "bad"}>
                          {sentence(user.status)}
                        </Badge>
                        {user.isDemo
                          ? (
                            <>
                              {" "}
                              <Badge>Demo</Badge>
                            </>
                          )
                          : null}
                      </td>
                      <td data-label="Since">
                        <TimeText at={user.createdAt} view={state.view} style="day" />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <Pagination path={PATH} state={listState} {...list} noun="users" />
            </>
          )}
      </div>
    </>
  );
});

function Filters({ query }: { query: UserQuery }) {
  return (
    <FilterForm path={PATH}>
      <TextField
        name="q"
        label="Search"
        type="search"
        class="search"
        value={query.q ?? ""}
        placeholder="Name or e-mail"
      />
      <SelectField
        name="role"
        label="Role"
        value={query.role ?? ""}
        options={[
          { value: "", label: "Any role" },
          ...ROLES.map((role) => ({ value: role, label: roleName(role) })),
        ]}
      />
      <SelectField
        name="status"
        label="Status"
        value={query.status ?? ""}
        options={[
          { value: "", label: "Any status" },
          ...UserStatus.options.map((value) => ({ value, label: sentence(value) })),
        ]}
      />
      <input type="hidden" name="sort" value={query.sort} />
      <input type="hidden" name="order" value={query.order} />
    </FilterForm>
  );
}
