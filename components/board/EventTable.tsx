import type { CompetitionView } from "@/contracts/competitions.ts";
import type { EventRow } from "@/contracts/corrections.ts";
import { Badge } from "../Badge.tsx";
import { eventText, SOURCE_TEXT } from "./event_text.ts";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "../ReasonForm.tsx";
import type { ScoreFormat } from "../score_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

interface TableProps {
  events: readonly EventRow[];
  competition: CompetitionView;
  format: ScoreFormat;
  csrfToken: string;
  view: Viewer;
  attempt: Attempt;
  /** The event whose form was not accepted. */
  attemptedId: string;
}

/** Score events, each with the way to void it or to take that back. */
export function EventTable(props: TableProps) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Happened</th>
          <th scope="col">Participant</th>
          <th scope="col">From</th>
          <th scope="col">Correct</th>
        </tr>
      </thead>
      <tbody>
        {props.events.map((event) => <Row key={event.eventId} event={event} {...props} />)}
      </tbody>
    </table>
  );
}

const WRITERS: Record<EventRow["actorKind"], string | null> = {
  user: "Somebody whose account is gone",
  "api_key": "An app with a key",
  system: null,
};

function Row({ event, ...props }: TableProps & { event: EventRow }) {
  const { competition, format, view } = props;
  const { seq, voided, name, participantId, source, actorKind, actorName, reason } = event;
  const isOpen = competition.status === "published";
  // Athletes write their own events by uploading; that is no news.
  const who = actorName === name ? null : actorName ?? WRITERS[actorKind];
  return (
    <tr data-void={voided ? "" : undefined}>
      <td>
        <b class="gain">{eventText(event, format)}</b>{" "}
        {voided ? <Badge tone="bad">Void</Badge> : null}
        <span class="under">no. {seq}{reason ? ` · “${reason}”` : ""}</span>
      </td>
      <td data-label="Happened">
        <TimeText at={event.occurredAt} view={view} style="second" />
      </td>
      <td>
        <a href={`/admin/competitions/${competition.id}/participants/${participantId}`}>{name}</a>
      </td>
      <td>
        {SOURCE_TEXT[source]}
        {who ? <span class="under">{who}</span> : null}
      </td>
      <td>{isOpen ? <Correct event={event} {...props} /> : "–"}</td>
    </tr>
  );
}

function Correct(
  { event, csrfToken, attempt, attemptedId }: TableProps & { event: EventRow },
) {
  const { eventId, voided, name } = event;
  const isTried = attemptedId === eventId;
  return (
    <details class="more" open={isTried}>
      <summary aria-label={`${voided ? "Reinstate" : "Void"} event ${event.seq} of ${name}`}>
        {voided ? "Reinstate…" : "Void…"}
      </summary>
      <div class="row-form">
        <ReasonForm
          action={voided ? "reinstate" : "void"}
          scope={`-${event.seq}`}
          csrfToken={csrfToken}
          button={voided ? "Let it count again" : "Void it"}
          tone={voided ? "primary" : "danger"}
          hint={voided
            ? "The score becomes exactly what it was."
            : "It counts as never written. You can take that back."}
          attempt={isTried ? attempt : NO_ATTEMPT}
        >
          <input type="hidden" name="eventId" value={eventId} />
        </ReasonForm>
      </div>
    </details>
  );
}
