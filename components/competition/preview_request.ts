/** The rule of a form, as the API tries it; made alike on the server and in the browser. */

import { scoringFormOf, scoringOf } from "./scoring_form.ts";
import { chosenOf, textOf } from "../form_text.ts";

/** Names of what a preview adds to a form. */
export const PREVIEW_FIELD = "preview";
export const PREVIEW_ON_FIELD = "preview.on";

/** What the form asks to be tried; checked by the contract. */
export function previewRequestOf(form: FormData) {
  return {
    scoring: scoringOf(scoringFormOf(form)),
    rankMethod: textOf(form, "rankMethod") || undefined,
    tieBreaks: [...new Set(chosenOf(form, "tieBreaks"))],
    timeZone: textOf(form, "timeZone") || undefined,
    on: textOf(form, PREVIEW_ON_FIELD) || undefined,
  };
}
