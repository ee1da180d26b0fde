/** The preview of the rule in a form, as pages show it before any script runs. */

import { PREVIEW_FIELD, PREVIEW_ON_FIELD } from "@/components/competition/preview_request.ts";
import type { CompetitionFormValues } from "@/components/competition/competition_form.ts";
import { scoringOf } from "@/components/competition/scoring_form.ts";
import {
  CompetitionPreviewRequest,
  type RulePreview,
  RulePreviewRequest,
} from "@/contracts/rule_preview.ts";
import type { RulePreviewProps } from "@/islands/RulePreview.tsx";
import type { State } from "./define.ts";
import { issueText, textOf } from "./forms/fields.ts";
import { refusalOf } from "./page_answer.ts";

/** What the island starts from. */
export type PreviewedForm = Omit<RulePreviewProps, "csrfToken">;

/** Whether the form was sent to be looked at, not to be saved. */
export function wantsPreview(form: FormData): boolean {
  return form.has(PREVIEW_FIELD);
}

/** Tries the rule of a form, for a competition where there is one already. */
export async function previewOf(
  { services, actor, form }: State,
  values: Pick<CompetitionFormValues, "scoring" | "rankMethod" | "tieBreaks" | "timeZone">,
  competition?: { id: string; hasParticipants: boolean },
): Promise<PreviewedForm> {
  const { rankMethod, tieBreaks, timeZone } = values;
  const on = textOf(form, PREVIEW_ON_FIELD) || undefined;
  const given = { scoring: scoringOf(values.scoring), rankMethod, tieBreaks, timeZone, on };
  const place = competition ? `/${competition.id}` : "";
  const base = {
    endpoint: `/api/v1/competitions${place}/preview`,
    hasParticipants: competition?.hasParticipants ?? false,
  };
  const request = (competition ? CompetitionPreviewRequest : RulePreviewRequest).safeParse(given);
  if (!request.success) {
    const fault = issueText(request.error.issues[0]!);
    return { ...base, tried: null, fault };
  }
  let preview: RulePreview | undefined;
  const refusal = await refusalOf(async () => {
    preview = competition
      ? await services.rulePreviews.forCompetition(actor, competition.id, {
        on: "samples",
        ...request.data,
      })
      : services.rulePreviews.onSamples(actor, request.data as RulePreviewRequest);
  });
  if (refusal || !preview || !request.data.scoring) {
    return {
      ...base,
      tried: null,
      fault: refusal?.details?.[0]?.message ?? refusal?.message ?? null,
    };
  }
  return { ...base, tried: { preview, scoring: request.data.scoring }, fault: null };
}
