import { page } from "fresh";
import { EmptyState } from "@/components/EmptyState.tsx";
import { TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { AuditQuery, type AuditRow } from "@/contracts/admin.ts";
import { define, type State } from "../define.ts";
import { queryOf } from "../forms/query.ts";

const PATH = "/admin/audit";

export const handler = define.handlers({
  async GET(ctx) {
    const query = queryOf(AuditQuery, ctx.url.searchParams);
    return page({ query, list: await ctx.state.services.audit.list(ctx.state.actor, query) });
  },
});

export default define.page<typeof handler>(function Audit({ data, state }) {
  const { query, list } = data;
  const { action, targetKind, targetId, actorId } = query;
  const isFiltered = [action, targetKind, targetId, actorId].some((filter) => filter !== undefined);
  return (
    <>
      <PageHead
        title="Audit log"
        sub="Every change by staff, with what it was before. Nothing here can be changed or deleted."
      />
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isFiltered ? "No entry fits these filters" : "Nothing changed yet"}
              text="Changes by organisers and admins are entered here by themselves."
            >
              {isFiltered ? <a class="button" href={PATH}>Show all</a> : null}
            </EmptyState>
          )
          : (
            <>
              <AuditTable rows={list.items} view={state.view} />
              <Pagination
                path={PATH}
                state={{ action, targetKind, targetId, actorId }}
                {...list}
                noun="entries"
              />
            </>
          )}
      </div>
    </>
  );
});

function Filters({ query: { action, targetKind, targetId } }: { query: AuditQuery }) {
  return (
    <FilterForm path={PATH}>
      <TextField
        name="action"
        label="Action"
        type="search"
        value={action ?? ""}
        placeholder="competition.publish"
      />
      <TextField
        name="targetKind"
        label="Kind"
        value={targetKind ?? ""}
        placeholder="competition"
      />
      <TextField name="targetId" label="Target id" value={targetId ?? ""} class="search" />
    </FilterForm>
  );
}

function AuditTable({ rows, view }: { rows: readonly AuditRow[]; view: State["view"] }) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Action</th>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">Target</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <b>{sentence(row.action)}</b>
              {row.reason ? <span class="under">“{row.reason}”</span> : null}
            </td>
            <td>
              <TimeText at={row.at} view={view} style="second" />
            </td>
            <td>{row.actorName ?? sentence(row.actorKind)}</td>
            <td>
              {row.targetKind}
              {row.targetId ? <span class="under hash">{row.targetId.slice(-12)}</span> : null}
            </td>
            <td>
              <Details row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ row }: { row: AuditRow }) {
  const { before, after, address, requestId } = row;
  return (
    <details class="more">
      <summary>Show</summary>
      <div class="diff">
        {before === null || before === undefined ? null : <Json title="Before" value={before} />}
        {after === null || after === undefined ? null : <Json title="After" value={after} />}
        <span class="muted">
          {address ? `From ${address}. ` : ""}
          {requestId ? `Request ${requestId}` : ""}
        </span>
      </div>
    </details>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <b>{title}</b>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </div>
  );
}
