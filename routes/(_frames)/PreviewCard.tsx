import RulePreview from "@/islands/RulePreview.tsx";
import type { PreviewedForm } from "../rule_preview_of.ts";

/** What the rule of the form around it does, on sample athletes or participants. */
export function PreviewCard({ previewed, csrfToken }: {
  previewed: PreviewedForm;
  csrfToken: string;
}) {
  return (
    <section class="card" id="preview" aria-labelledby="preview-title">
      <div class="card-head">
        <h2 id="preview-title">What the rule does</h2>
      </div>
      <RulePreview {...previewed} csrfToken={csrfToken} />
    </section>
  );
}

/** Stands first in a form with a preview, so that Enter saves, as in any other. */
export function DefaultSubmit() {
  return <button type="submit" hidden></button>;
}
