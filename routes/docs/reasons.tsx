import { PageHead } from "@/components/PageHead.tsx";
import { PlainText } from "@/components/PlainText.tsx";
import { EXCLUDE_REASONS, REJECT_REASONS } from "@/domain/activity.ts";
import { UNCOUNTED_REASONS } from "@/domain/participant_fold.ts";
import { define } from "../define.ts";

export default define.page(function ReasonsPage() {
  return (
    <div class="docs-page">
      <PageHead
        title="Reasons"
        sub="Every record of an upload or sync is answered by itself. These are the words it can carry."
      />
      <div class="stack">
        <Reasons
          id="rejected"
          title="Why a file or record is refused"
          about="In `records[].reason`, and in the details of IMPORT_REJECTED."
          reasons={REJECT_REASONS}
        />
        <Reasons
          id="excluded"
          title="Why a stored record does not count in a competition"
          about="In `competitions[].excluded[].reason`."
          reasons={EXCLUDE_REASONS}
        />
        <Reasons
          id="uncounted"
          prefix="event"
          title="Why a score event does not count"
          about="In `events[].reason` of an explanation."
          reasons={UNCOUNTED_REASONS}
        />
      </div>
    </div>
  );
});

function Reasons(
  { id, title, about, reasons, prefix = "reason" }: {
    id: string;
    /** How the addresses of its codes begin; two tables may share a code. */
    prefix?: string;
    title: string;
    about: string;
    reasons: Readonly<Record<string, string>>;
  },
) {
  return (
    <section class="card" aria-labelledby={id}>
      <div class="card-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p class="muted small">
            <PlainText text={about} />
          </p>
        </div>
      </div>
      <dl class="code-list">
        {Object.entries(reasons).map(([reason, meaning]) => (
          <div key={reason} id={`${prefix}-${reason}`}>
            <dt>
              <a href={`#${prefix}-${reason}`}>
                <code>{reason}</code>
              </a>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
