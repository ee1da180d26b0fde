import { page } from "fresh";
import { quantitiesText } from "@/components/activity/activity_text.ts";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { SelectField, TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type Activity, ActivityQuery } from "@/contracts/activities.ts";
import { PROVIDERS } from "@/contracts/fitness.ts";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import { define, type State } from "../../define.ts";
import { instantOf } from "../../forms/local_time.ts";
import { queryOf } from "../../forms/query.ts";
import { personIn } from "../../page_answer.ts";

const PATH = "/me/activities";

/** A day of the address as it was given; anything else is as if it were not there. */
function dayOf(params: URLSearchParams, name: string): string | undefined {
  const day = params.get(name) ?? "";
  return /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined;
}

/** The days are those of the viewer's zone, the last one whole. */
function spanOf(params: URLSearchParams, { view }: State) {
  const [from, to] = [dayOf(params, "from"), dayOf(params, "to")];
  const start = from && instantOf(`${from}T00:00`, view.timeZone);
  const end = to && instantOf(`${to}T23:59:59.999`, view.timeZone);
  return {
    days: { from, to },
    span: { ...(start ? { from: start } : {}), ...(end ? { to: end } : {}) },
  };
}

export const handler = define.handlers({
  async GET({ state, url }) {
    const { days, span } = spanOf(url.searchParams, state);
    const rest = new URLSearchParams(url.searchParams);
    rest.delete("from");
    rest.delete("to");
    const query = { ...queryOf(ActivityQuery, rest), ...span };
    const { services, actor } = state;
    const list = await services.fitness.activities(actor, personIn(state).userId, query);
    const { type, provider } = query;
    return page({ list, filter: { type, provider, ...days } });
  },
});

export default define.page<typeof handler>(function Activities({ data, state }) {
  const { list, filter } = data;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <PageHead
        title="My sessions"
        crumbs={[{ href: "/me", label: "My page" }]}
        sub="Every recorded session of yours, and what it did in your competitions."
      >
        <a class="button primary" href="/me/upload">
          <Icon name="upload" /> Upload
        </a>
      </PageHead>
      <Filters filter={filter} />
      <div class="card">
        {list.items.length === 0
          ? isFiltered
            ? (
              <EmptyState title="No session fits these filters" text="Others may.">
                <a class="button" href={PATH}>Show all</a>
              </EmptyState>
            )
            : (
              <EmptyState
                title="No sessions yet"
                text="Upload a FIT, TCX or GPX file of a watch or app; each session in it is listed here."
              >
                <a class="button primary" href="/me/upload">Upload an activity</a>
              </EmptyState>
            )
          : (
            <>
              <Sessions items={list.items} state={state} />
              <Pagination path={PATH} state={filter} {...list} noun="sessions" />
            </>
          )}
      </div>
    </>
  );
});

type Filter = { [K in "type" | "provider" | "from" | "to"]: string | undefined };

/** Where records can come from: files, and what apps send. */
const SOURCES = ["file", ...PROVIDERS];

function Filters({ filter }: { filter: Filter }) {
  const choice = (name: "type" | "provider", label: string, values: readonly string[]) => (
    <SelectField
      name={name}
      label={label}
      value={filter[name] ?? ""}
      options={[
        { value: "", label: "Any" },
        ...values.map((value) => ({ value, label: sentence(value) })),
      ]}
    />
  );
  return (
    <FilterForm path={PATH}>
      {choice("type", "Type", ACTIVITY_TYPES)}
      {choice("provider", "Source", SOURCES)}
      <TextField name="from" label="From" type="date" value={filter.from ?? ""} />
      <TextField name="to" label="To" type="date" value={filter.to ?? ""} />
    </FilterForm>
  );
}

function Sessions({ items, state }: { items: readonly Activity[]; state: State }) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col">Started</th>
          <th scope="col">Measured</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {items.map((activity) => (
          <tr key={activity.id}>
            <td>
              <a href={`${PATH}/${activity.id}`}>{sentence(activity.type)}</a>
              {activity.type === activity.recordedType
                ? null
                : <span class="under">recorded as {activity.recordedType}</span>}
            </td>
            <td>
              <TimeText at={activity.startedAt} view={state.view} />
            </td>
            <td class="gain values">{quantitiesText(activity.values) || "–"}</td>
            <td>
              {activity.device ?? activity.app ?? sentence(activity.provider)}
              {activity.isChosen
                ? (
                  <>
                    {" "}
                    <Badge tone="info">Chosen</Badge>
                  </>
                )
                : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
