import type { Series } from "@/contracts/recurrence.ts";
import { Icon } from "../Icon.tsx";
import { rhythmText } from "./recurrence_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** Where an occurrence stands in its series, with the way to its neighbours. */
export function SeriesNav(
  { series, index, view }: { series: Series; index: number; view: Viewer },
) {
  const { previous, next, recurrence, stoppedAt } = series;
  const [planned] = series.planned.filter(({ isSkipped }) => !isSkipped);
  return (
    <nav class="series-nav" aria-label="Series">
      {previous
        ? (
          <a class="button" href={`/c/${previous.slug}`} rel="prev">
            <Icon name="left" /> No. {previous.index + 1}
          </a>
        )
        : <span />}
      <p>
        <strong>No. {index + 1}</strong>
        <span class="muted">
          {stoppedAt ? "The series has ended" : rhythmText(recurrence)}
          {!next && planned && !stoppedAt
            ? (
              <>
                , next <TimeText at={planned.startsAt} view={view} />
              </>
            )
            : null}
        </span>
      </p>
      {next
        ? (
          <a class="button" href={`/c/${next.slug}`} rel="next">
            No. {next.index + 1} <Icon name="right" />
          </a>
        )
        : <span />}
    </nav>
  );
}
