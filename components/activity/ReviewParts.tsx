import type { Activity } from "@/contracts/activities.ts";
import type { Review, ReviewEvidence } from "@/contracts/reviews.ts";
import { quantitiesText } from "./activity_text.ts";
import { Badge } from "../Badge.tsx";
import { EmptyState } from "../EmptyState.tsx";
import { type Fact, Facts } from "../Facts.tsx";
import { findingText, speedText, verdictText } from "./finding_text.ts";
import { Icon } from "../Icon.tsx";
import { CAUSE_TEXT, REVIEW_STATUS_TEXT, reviewTitle } from "./review_text.ts";
import { sentence } from "../competition/rule_text.ts";
import { clockText, groupDigits } from "../score_text.ts";
import { SpeedTrace } from "./SpeedTrace.tsx";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** How a review stands. */
export function ReviewBadge({ status }: Pick<Review, "status">) {
  const { name, tone } = REVIEW_STATUS_TEXT[status];
  return <Badge tone={tone}>{name}</Badge>;
}

/** Reviews, each linked below a path; one's own list leaves the name out. */
export function ReviewTable(
  { reviews, path, view, isOwn = false }: {
    reviews: readonly Review[];
    path: string;
    view: Viewer;
    isOwn?: boolean;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">{isOwn ? "What" : "Athlete"}</th>
          <th scope="col">Competition</th>
          <th scope="col">Why</th>
          <th scope="col">Since</th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {reviews.map((review) => (
          <tr key={review.id}>
            <td>
              <a href={`${path}/${review.id}`}>{isOwn ? reviewTitle(review) : review.name}</a>
              {isOwn ? null : <span class="under">{reviewTitle(review)}</span>}
            </td>
            <td>{review.competitionName}</td>
            <td>{CAUSE_TEXT[review.cause]}</td>
            <td data-label="Since">
              <TimeText at={review.createdAt} view={view} />
            </td>
            <td>
              <ReviewBadge status={review.status} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What speaks for and against it; the same for staff and the athlete. */
export function Evidence({ review, view }: { review: ReviewEvidence; view: Viewer }) {
  const { findings, trace, activity, doubles, daySteps, day } = review;
  return (
    <>
      <Findings findings={findings} />
      {daySteps === null ? null : (
        <section class="card" aria-labelledby="day-title">
          <div class="card-head">
            <h2 id="day-title">The day</h2>
          </div>
          <div class="card-body">
            <Facts
              facts={[
                { term: "Day", value: day },
                { term: "Steps of it", value: groupDigits(daySteps) },
              ]}
            />
          </div>
        </section>
      )}
      {activity ? <Speed activity={activity} trace={trace} findings={findings} /> : null}
      {activity ? <Records activity={activity} doubles={doubles} view={view} /> : null}
    </>
  );
}

function Findings({ findings }: Pick<ReviewEvidence, "findings">) {
  return (
    <section class="card" aria-labelledby="findings-title">
      <div class="card-head">
        <h2 id="findings-title">What is doubtful</h2>
      </div>
      {findings.length === 0
        ? (
          <EmptyState
            title="Nothing any more"
            text="Under the rules in force no figure is doubtful."
          />
        )
        : (
          <ul class="card-body blockers">
            {findings.map((finding) => (
              <li key={finding.rule}>
                <Icon name="alert" />
                <span>
                  <b>{findingText(finding)}.</b> <span class="muted">{verdictText(finding)}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

function Speed(
  { activity, trace, findings }: Pick<ReviewEvidence, "trace" | "findings"> & {
    activity: Activity;
  },
) {
  return (
    <section class="card" aria-labelledby="speed-title">
      <div class="card-head">
        <h2 id="speed-title">How fast it went</h2>
        <span class="muted small">without where</span>
      </div>
      {trace && trace.speeds.length > 1
        ? <SpeedTrace trace={trace} findings={findings} />
        : (
          <p class="card-body muted">
            The device told no speeds along the way, only the sums of the {activity.type} session.
          </p>
        )}
      {trace?.peakMinute
        ? (
          <p class="card-foot">
            Fastest minute {speedText(trace.peakMinute)}
            {trace.peakTenMinutes === null
              ? ""
              : `, fastest ten minutes ${speedText(trace.peakTenMinutes)}`}.
          </p>
        )
        : null}
    </section>
  );
}

/** The session beside other records of it. */
function Records(
  { activity, doubles, view }: { activity: Activity; doubles: readonly Activity[]; view: Viewer },
) {
  return (
    <section class="card" aria-labelledby="session-title">
      <div class="card-head">
        <h2 id="session-title">
          {doubles.length === 0 ? "The session" : "The session, side by side"}
        </h2>
        {doubles.length === 0 ? <span class="muted small">no other record of it</span> : null}
      </div>
      <div class="card-body side-by-side">
        <Facts isTight facts={activityFacts(activity, view)} />
        {doubles.map((double) => (
          <Facts key={double.id} isTight facts={activityFacts(double, view)} />
        ))}
      </div>
    </section>
  );
}

/** One record of a session. */
export function activityFacts(activity: Activity, view: Viewer): Fact[] {
  const { type, recordedType, startedAt, endedAt, values, device, app, provider } = activity;
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  return [
    {
      term: "Type",
      value: type === recordedType
        ? sentence(type)
        : `${sentence(type)}, recorded as ${recordedType}`,
    },
    { term: "Started", value: <TimeText at={startedAt} view={view} /> },
    { term: "Took", value: clockText(seconds) },
    { term: "Measured", value: quantitiesText(values) || "Nothing" },
    { term: "From", value: device ?? app ?? sentence(provider) },
    { term: "Recorded", value: METHOD_TEXT[activity.recordingMethod] },
    { term: "Arrived", value: <TimeText at={activity.arrivedAt} view={view} /> },
  ];
}

const METHOD_TEXT: Record<Activity["recordingMethod"], string> = {
  active: "Started by the person",
  automatic: "Found by the device",
  manual: "Entered by hand",
  unknown: "Not told how",
};

/** What was said and decided so far. */
export function Decisions({ review, view }: { review: Review; view: Viewer }) {
  const { status, reason, appeal, decidedAt, decidedBy } = review;
  if (decidedAt === null && appeal === null && reason === null && status === "open") return null;
  return (
    <section class="card" aria-labelledby="decided-title">
      <div class="card-head">
        <h2 id="decided-title">So far</h2>
        <ReviewBadge status={status} />
      </div>
      <div class="card-body stack">
        {reason || decidedAt
          ? (
            <p>
              {decidedBy === null ? "By the figures alone" : "Decided by staff"}
              {decidedAt
                ? (
                  <>
                    {" "}on <TimeText at={decidedAt} view={view} />
                  </>
                )
                : null}
              .{reason ? ` “${reason}”` : ""}
            </p>
          )
          : null}
        {appeal
          ? (
            <p>
              The athlete says: “{appeal}”
            </p>
          )
          : null}
      </div>
    </section>
  );
}
