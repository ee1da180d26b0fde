import type { ImportSummary } from "@/contracts/fitness.ts";
import { Badge } from "../Badge.tsx";
import { OUTCOME_TEXT, type OutcomeName } from "./activity_text.ts";
import { groupDigits } from "../score_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** The outcomes that an import had, each with its count. */
export function OutcomeBadges({ counts }: { counts: ImportSummary["counts"] }) {
  const names = (Object.keys(OUTCOME_TEXT) as OutcomeName[]).filter((name) => counts[name] > 0);
  if (names.length === 0) return <Badge>No records</Badge>;
  return (
    <span class="outcomes">
      {names.map((name) => (
        <Badge key={name} tone={OUTCOME_TEXT[name].tone}>
          {groupDigits(counts[name])} {OUTCOME_TEXT[name].name.toLowerCase()}
        </Badge>
      ))}
    </span>
  );
}

/** How an import stands: its outcomes, or that it is not done. */
export function ImportState({ summary }: { summary: ImportSummary }) {
  const { status, progress, counts } = summary;
  if (status === "rejected") return <Badge tone="bad">Refused</Badge>;
  if (status === "failed") return <Badge tone="bad">Broke off</Badge>;
  if (status === "done") return <OutcomeBadges counts={counts} />;
  return <Badge tone="live">Reading, {progress?.percent ?? 0} %</Badge>;
}

/** What an import was made of, e.g. the file's name. */
export function importName({ fileName, kind, provider }: ImportSummary): string {
  return fileName ?? (kind === "file" ? "File" : `Sync from ${provider.replaceAll("_", " ")}`);
}

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  "apple_health": "Apple Health",
  archive: "Archive",
};

function formatName({ format, provider }: ImportSummary): string {
  if (format === null) return provider;
  return FORMAT_NAMES[format] ?? format.toUpperCase();
}

/** Imports with what became of their records. */
export function ImportTable(
  { imports, view }: { imports: ImportSummary[]; view: Viewer },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Upload</th>
          <th scope="col">When</th>
          <th scope="col">Records</th>
        </tr>
      </thead>
      <tbody>
        {imports.map((one) => (
          <tr key={one.id}>
            <td>
              <a href={`/me/imports/${one.id}`}>{importName(one)}</a>
              <span class="under">{formatName(one)}</span>
            </td>
            <td>
              <TimeText at={one.createdAt} view={view} />
            </td>
            <td>
              <ImportState summary={one} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
