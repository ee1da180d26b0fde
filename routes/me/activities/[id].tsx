import { type Context, page } from "fresh";
import { ActivityEffects } from "@/components/activity/ActivityEffects.tsx";
import { quantitiesText } from "@/components/activity/activity_text.ts";
import { Badge } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Facts } from "@/components/Facts.tsx";
import { CsrfField, type Faults, FaultSummary, SelectField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { activityFacts } from "@/components/activity/ReviewParts.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { amountFormatOf, type ScoreFormat } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type Activity, ActivityChange, type ActivityDetail } from "@/contracts/activities.ts";
import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import { define, type State } from "../../define.ts";
import { idOf } from "../../forms/attempt.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";
import { shownScoring } from "../../shown_scoring.ts";

interface Data {
  activity: ActivityDetail;
  /** By competition. */
  formats: ReadonlyMap<string, ScoreFormat>;
  faults: Faults;
}

async function dataOf(ctx: Context<State>, faults: Faults = {}): Promise<Data> {
  const { services, actor } = ctx.state;
  const activity = await services.fitness.getActivity(actor, idOf(ctx.params.id));
  const ids = activity.competitions.map(({ competitionId }) => competitionId);
  const rules = await shownScoring(ctx.state, ids);
  const formats = new Map([...rules].map(([id, scoring]) => [id, amountFormatOf(scoring)]));
  return { activity, formats, faults };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { services: { fitness }, actor, form } = ctx.state;
    const id = idOf(ctx.params.id);
    if (textOf(form, "action") === "remove") return await remove(ctx, id);
    const chosen = textOf(form, "isChosen");
    const change = ActivityChange.safeParse({
      ...(form.has("type") ? { type: textOf(form, "type") } : {}),
      ...(chosen === "" ? {} : { isChosen: chosen === "yes" }),
    });
    if (!change.success) {
      return page<Data>(await dataOf(ctx, faultsOfSchema(change.error)), { status: 422 });
    }
    const target = textOf(form, "activityId");
    const refusal = await refusalOf(() => {
      return fitness.changeActivity(actor, target === "" ? id : idOf(target), change.data);
    });
    if (refusal) {
      const data = await dataOf(ctx, faultsOfRefusal(refusal));
      return page<Data>(data, { status: refusal.status });
    }
    const text = "It counts anew everywhere: see below what it does now.";
    return seeOther(ctx, ctx.url.pathname, { tone: "good", text });
  },
});

async function remove(ctx: Context<State>, id: string) {
  const { services: { fitness }, actor, form } = ctx.state;
  if (!form.has("sure")) {
    const faults = { sure: "Tick this first" };
    return page<Data>(await dataOf(ctx, faults), { status: 422 });
  }
  const refusal = await refusalOf(() => fitness.removeActivity(actor, id));
  if (refusal) {
    const data = await dataOf(ctx, faultsOfRefusal(refusal));
    return page<Data>(data, { status: refusal.status });
  }
  const text = "The session is removed; what counted it is scored anew.";
  return seeOther(ctx, "/me/activities", { tone: "good", text });
}

export default define.page<typeof handler>(function ActivityPage({ data, state }) {
  const { activity, formats, faults } = data;
  return (
    <>
      <PageHead
        title={sentence(activity.type)}
        crumbs={[
          { href: "/me", label: "My page" },
          { href: "/me/activities", label: "Sessions" },
        ]}
        badge={activity.isChosen ? <Badge tone="info">Chosen by you</Badge> : undefined}
        sub={<TimeText at={activity.startedAt} view={state.view} />}
      >
        <a class="button" href={`/me/imports/${activity.importId}`}>
          <Icon name="file" /> Its upload
        </a>
      </PageHead>
      <FaultSummary faults={faults} />
      <div class="split">
        <div class="stack">
          <section class="card" aria-labelledby="effects-title">
            <div class="card-head">
              <h2 id="effects-title">What it did</h2>
            </div>
            {activity.competitions.length === 0
              ? (
                <EmptyState
                  title="In no competition"
                  text="You take part in none whose time it touches."
                >
                  <a class="button" href="/">Find a competition</a>
                </EmptyState>
              )
              : <ActivityEffects effects={activity.competitions} formats={formats} />}
          </section>
          <Doubles activity={activity} state={state} />
        </div>
        <div class="stack">
          <section class="card" aria-labelledby="record-title">
            <div class="card-head">
              <h2 id="record-title">The record</h2>
            </div>
            <div class="card-body">
              <Facts isTight facts={activityFacts(activity, state.view)} />
            </div>
          </section>
          <TypeForm activity={activity} faults={faults} csrfToken={state.csrfToken} />
          <RemoveForm faults={faults} csrfToken={state.csrfToken} />
        </div>
      </div>
    </>
  );
});

/** Other records of the session; of all of them one counts. */
function Doubles({ activity, state }: { activity: ActivityDetail; state: State }) {
  if (activity.doubles.length === 0) return null;
  return (
    <section class="card" aria-labelledby="doubles-title">
      <div class="card-head">
        <div>
          <h2 id="doubles-title">The same session from elsewhere</h2>
          <p class="muted small">All are kept, one counts: the better one, unless you choose.</p>
        </div>
      </div>
      <ul class="downloads">
        {[activity, ...activity.doubles].map((record) => (
          <li key={record.id}>
            <RecordName record={record} isThis={record.id === activity.id} state={state} />
            <form method="post">
              <CsrfField token={state.csrfToken} />
              <input type="hidden" name="activityId" value={record.id} />
              <button
                type="submit"
                class="button"
                name="isChosen"
                value={record.isChosen ? "no" : "yes"}
              >
                {record.isChosen ? "Let the better one count" : "Count this one"}
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  );
}

function RecordName(
  { record, isThis, state }: { record: Activity; isThis: boolean; state: State },
) {
  const name = record.device ?? record.app ?? sentence(record.provider);
  return (
    <span>
      {isThis
        ? <b>{name} (this one)</b>
        : <a class="lead-link" href={`/me/activities/${record.id}`}>{name}</a>}{" "}
      {record.isChosen ? <Badge tone="info">Chosen</Badge> : null}
      <span class="line muted small">
        <TimeText at={record.startedAt} view={state.view} /> ·{" "}
        {quantitiesText(record.values) || "nothing measured"}
      </span>
    </span>
  );
}

function TypeForm(
  { activity, faults, csrfToken }: {
    activity: ActivityDetail;
    faults: Faults;
    csrfToken: string;
  },
) {
  return (
    <section class="card" aria-labelledby="type-title">
      <div class="card-head">
        <h2 id="type-title">What it really was</h2>
      </div>
      <form method="post" class="card-body form">
        <CsrfField token={csrfToken} />
        <SelectField
          name="type"
          label="Type"
          value={activity.type}
          faults={faults}
          hint={`Recorded as ${activity.recordedType}. It counts anew everywhere.`}
          options={ACTIVITY_TYPES.map((value) => ({ value, label: sentence(value) }))}
        />
        <div class="actions">
          <button type="submit" class="button">Correct the type</button>
        </div>
      </form>
    </section>
  );
}

function RemoveForm({ faults, csrfToken }: { faults: Faults; csrfToken: string }) {
  const fault = faults.sure;
  return (
    <section class="card danger-card" aria-labelledby="remove-title">
      <div class="card-head">
        <h2 id="remove-title">Remove it</h2>
      </div>
      <form method="post" class="card-body form" noValidate>
        <CsrfField token={csrfToken} />
        <Consequences
          texts={[
            "It no longer counts anywhere; your scores follow at once.",
            "A final result stays as it is.",
            "Uploading the file again brings it back.",
          ]}
        />
        <div class="field">
          <label class="choice">
            <input
              type="checkbox"
              name="sure"
              value="yes"
              required
              aria-invalid={fault ? "true" : undefined}
              aria-describedby={fault ? "sure-fault" : undefined}
            />
            <span>I want to remove this session.</span>
          </label>
          {fault
            ? (
              <p class="fault" id="sure-fault">
                <Icon name="alert" />
                <span>{fault}</span>
              </p>
            )
            : null}
        </div>
        <div class="actions">
          <button type="submit" class="button danger" name="action" value="remove">Remove</button>
        </div>
      </form>
    </section>
  );
}
