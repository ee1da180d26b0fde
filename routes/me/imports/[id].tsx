import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { EffectCard } from "@/components/activity/EffectCard.tsx";
import { Icon } from "@/components/Icon.tsx";
import { importName, ImportState } from "@/components/activity/ImportTable.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { OUTCOME_TEXT, quantitiesText, reasonText } from "@/components/activity/activity_text.ts";
import { findingText } from "@/components/activity/finding_text.ts";
import { sentence } from "@/components/competition/rule_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { ImportSummary, RecordResult } from "@/contracts/fitness.ts";
import ImportProgress from "@/islands/ImportProgress.tsx";
import { define, type State } from "../../define.ts";
import { shownScoring } from "../../shown_scoring.ts";

export const handler = define.handlers({
  async GET({ state, params }) {
    const result = await state.services.fitness.getImport(state.actor, params.id!);
    const ids = result.competitions.map(({ competitionId }) => competitionId);
    const rules = await shownScoring(state, ids);
    return page({ result, rules });
  },
});

export default define.page<typeof handler>(function ImportPage({ data, state }) {
  const { result: { import: summary, records, competitions }, rules } = data;
  return (
    <>
      <PageHead
        title={importName(summary)}
        crumbs={[
          { href: "/me", label: "My page" },
          { href: "/me/imports", label: "Uploads" },
        ]}
        badge={<ImportState summary={summary} />}
        sub={
          <>
            Received <TimeText at={summary.createdAt} view={state.view} />
          </>
        }
      >
        <a class="button primary" href="/me/upload">
          <Icon name="upload" /> Upload another
        </a>
      </PageHead>
      <div class="stack">
        <Progress summary={summary} />
        <section aria-labelledby="counts" class="card">
          <div class="card-head">
            <h2 id="counts">Where it counts</h2>
          </div>
          {competitions.length === 0
            ? (
              <EmptyState
                title="In no competition so far"
                text="You take part in none that counts activity. Join one; what you uploaded may still count there."
              >
                <a class="button" href="/">Find a competition</a>
              </EmptyState>
            )
            : competitions.map((effect) => (
              <EffectCard
                key={effect.competitionId}
                effect={effect}
                scoring={rules.get(effect.competitionId)}
                records={records}
              />
            ))}
        </section>
        <section aria-labelledby="records" class="card">
          <div class="card-head">
            <h2 id="records">Records in it</h2>
            <Told total={records.length} />
          </div>
          <Records records={records.slice(0, RECORDS_SHOWN)} state={state} />
        </section>
      </div>
    </>
  );
});

/** A day of a phone's readings is some hundreds; the API gives all of them. */
const RECORDS_SHOWN = 500;

function Told({ total }: { total: number }) {
  if (total <= RECORDS_SHOWN) return null;
  return (
    <span class="muted small">
      The first {RECORDS_SHOWN} of {groupDigits(total)}; the API gives all
    </span>
  );
}

const UNFINISHED: readonly string[] = ["queued", "running"];

/** Of an export: how far it is read, and what of it is not kept. */
function Progress({ summary: { id, status, reason, progress } }: { summary: ImportSummary }) {
  if (status === "rejected" || status === "failed") {
    return <p class="notice" data-tone="bad">{reason ? reasonText(reason) : "It broke off."}</p>;
  }
  const isUnfinished = UNFINISHED.includes(status);
  if (!progress) return isUnfinished ? <Reading importId={id} percent={0} /> : null;
  const skipped = progress.skipped.toSorted((a, b) => b.count - a.count).slice(0, SKIPPED_SHOWN);
  return (
    <section aria-labelledby="progress" class="card">
      <div class="card-head">
        <h2 id="progress">The file</h2>
      </div>
      <div class="card-body stack">
        {isUnfinished ? <Reading importId={id} percent={progress.percent} /> : null}
        <p>
          {groupDigits(progress.records)} readings and {groupDigits(progress.workouts)} workouts.
        </p>
        {skipped.length > 0
          ? (
            <p class="muted">
              Not kept, since nobody competes in them:{" "}
              {skipped.map(({ type, count }) => `${groupDigits(count)} ${plainType(type)}`).join(
                ", ",
              )}.
            </p>
          )
          : null}
      </div>
    </section>
  );
}

/** Refreshes itself: by script, and in browsers without by loading the page anew. */
function Reading({ importId, percent }: { importId: string; percent: number }) {
  return (
    <>
      <Head>
        <noscript>
          <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
        </noscript>
      </Head>
      <ImportProgress importId={importId} percent={percent} />
      <p class="muted">You can leave this page; it is read on meanwhile.</p>
    </>
  );
}

/** Long enough to read what is there. */
const REFRESH_SECONDS = 10;

/** Of more than forty types. */
const SKIPPED_SHOWN = 8;

/** `HKQuantityTypeIdentifierHeartRate` → `heart rate` */
function plainType(type: string): string {
  return type.replace(/^HK\w*?TypeIdentifier/, "").replace(/\B([A-Z])/g, " $1").toLowerCase();
}

function Records({ records, state }: { records: RecordResult[]; state: State }) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Record</th>
          <th scope="col">Started</th>
          <th scope="col">Values</th>
          <th scope="col">Outcome</th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => {
          const { name, tone, about } = OUTCOME_TEXT[record.outcome];
          return (
            <tr key={record.index}>
              <td>
                <b>{record.type ? sentence(record.type) : "Unreadable part"}</b>
                <span class="under">{sentence(record.kind)}, no. {record.index + 1}</span>
                {record.file ? <span class="under">{record.file}</span> : null}
              </td>
              <td data-label="Started">
                {record.startedAt ? <TimeText at={record.startedAt} view={state.view} /> : "–"}
              </td>
              <td class="gain values" data-label="Values">
                {quantitiesText(record.values) || "–"}
              </td>
              <td>
                <Badge tone={tone}>{name}</Badge> {record.activityId
                  ? <a href={`/me/activities/${record.activityId}`}>Session</a>
                  : null}
                <span class="under">
                  {record.reason ? reasonText(record.reason) : record.message ?? about}
                  {record.mergedWith
                    ? (
                      <>
                        {" "}
                        <a href={`/me/activities/${record.mergedWith}`}>The other one</a>
                      </>
                    )
                    : null}
                </span>
                {record.findings?.map((finding) => (
                  <span key={finding.rule} class="under">{findingText(finding)}</span>
                ))}
                {record.outcome === "flagged"
                  ? (
                    <span class="under">
                      <a href="/me/reviews">See its review</a>
                    </span>
                  )
                  : null}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
