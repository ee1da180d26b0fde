import { dayText, instantText, secondText, type TimeView } from "./time_text.ts";

/** Whose eyes a time is written for; `isChosen` when the person chose the zone. */
export interface Viewer extends TimeView {
  isChosen: boolean;
}

/** An instant in the viewer's zone; browsers of people without a chosen zone write it anew in theirs. */
export function TimeText(
  { at, view, style = "instant" }: {
    at: string;
    view: Viewer;
    style?: "instant" | "day" | "second";
  },
) {
  const write = { instant: instantText, day: dayText, second: secondText }[style];
  return <time dateTime={at} data-local={view.isChosen ? undefined : style}>{write(at, view)}
  </time>;
}
