import { page } from "fresh";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { CsrfField, SelectField, TextField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { JOB_STATES, JobId, JobQuery, type JobRow, type JobState } from "@/contracts/jobs.ts";
import { DomainError } from "@/domain/error.ts";
import { define, type State } from "../define.ts";
import { textOf } from "../forms/fields.ts";
import { queryOf } from "../forms/query.ts";
import { refusalOf, seeOther } from "../page_answer.ts";

const PATH = "/admin/jobs";

export const handler = define.handlers({
  async GET(ctx) {
    const query = queryOf(JobQuery, ctx.url.searchParams);
    return page({ query, list: await ctx.state.services.jobs.list(ctx.state.actor, query) });
  },
  async POST(ctx) {
    const { services: { jobs }, actor, form } = ctx.state;
    const isRetry = textOf(form, "action") === "retry";
    const id = JobId.safeParse(textOf(form, "id"));
    const refusal = await refusalOf(async () => {
      if (!id.success) throw new DomainError("NOT_FOUND", "Cannot find the job: it is gone");
      if (isRetry) await jobs.retry(actor, id.data);
      else await jobs.cancel(actor, id.data);
    });
    if (refusal) return seeOther(ctx, PATH, { tone: "warn", text: refusal.message });
    const text = isRetry ? "The job is due now." : "The job is removed.";
    return seeOther(ctx, PATH, { tone: "good", text });
  },
});

const TONES: Record<JobState, Tone> = {
  ready: "info",
  scheduled: "plain",
  running: "live",
  failed: "bad",
};

export default define.page<typeof handler>(function Jobs({ data, state }) {
  const { query, list } = data;
  const filter = { state: query.state, name: query.name };
  const isFiltered = filter.state !== undefined || filter.name !== undefined;
  return (
    <>
      <PageHead
        title="Jobs"
        sub="What the product does by itself: what waits, what runs, and what was given up. Done jobs are gone."
      />
      <Filters query={query} />
      <div class="card">
        {list.items.length === 0
          ? (
            <EmptyState
              title={isFiltered ? "No job fits these filters" : "Nothing waits"}
              text="Jobs come from imports, competitions and schedules, and go when they are done."
            >
              {isFiltered ? <a class="button" href={PATH}>Show all</a> : null}
            </EmptyState>
          )
          : (
            <>
              <table class="table blocks">
                <thead>
                  <tr>
                    <th scope="col">Job</th>
                    <th scope="col">State</th>
                    <th scope="col">Due</th>
                    <th scope="col">Tries</th>
                    <th scope="col">Actions</th>
                  </tr>
                </thead>
                <tbody>
                  {list.items.map((job) => <JobLine key={job.id} job={job} state={state} />)}
                </tbody>
              </table>
              <Pagination path={PATH} state={filter} {...list} noun="jobs" />
            </>
          )}
      </div>
    </>
  );
});

function Filters({ query }: { query: JobQuery }) {
  return (
    <FilterForm path={PATH}>
      <SelectField
        name="state"
        label="State"
        value={query.state ?? ""}
        options={[
          { value: "", label: "Any state" },
          ...JOB_STATES.map((value) => ({ value, label: sentence(value) })),
        ]}
      />
      <TextField
        name="name"
        label="Name"
        type="search"
        class="search"
        value={query.name ?? ""}
        placeholder="competition.finalise"
      />
    </FilterForm>
  );
}

function JobLine({ job, state }: { job: JobRow; state: State }) {
  return (
    <tr>
      <td>
        <b>{sentence(job.name)}</b>
        <span class="under">#{job.id}{job.key ? ` · ${job.key}` : ""}</span>
        {job.lastError ? <span class="under">“{job.lastError}”</span> : null}
      </td>
      <td>
        <Badge tone={TONES[job.state]}>{sentence(job.state)}</Badge>
      </td>
      <td data-label="Due">
        <TimeText at={job.runAt} view={state.view} style="second" />
      </td>
      <td data-label="Tries">{job.attempts} of {job.attemptsMax}</td>
      <td>
        {job.state === "running" ? null : (
          <form method="post" action={PATH} class="actions">
            <CsrfField token={state.csrfToken} />
            <input type="hidden" name="id" value={job.id} />
            <button type="submit" class="button" name="action" value="retry">Run now</button>
            <button type="submit" class="button" name="action" value="cancel">Remove</button>
          </form>
        )}
      </td>
    </tr>
  );
}
