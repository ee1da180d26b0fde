import { Icon } from "@/components/Icon.tsx";
import type { CompetitionView } from "@/contracts/competitions.ts";

/** Downloads of the standings and the log; of a frozen board both that staff and the public see. */
export function ExportsCard({ competition }: { competition: CompetitionView }) {
  const { id, frozen, status } = competition;
  const base = `/api/v1/competitions/${id}/export`;
  const boards = frozen
    ? [
      { board: "live", label: "Live standings, for staff only" },
      { board: "frozen", label: "Frozen standings, as the public sees them" },
    ]
    : [{ board: "", label: "Standings" }];
  return (
    <section class="card" aria-labelledby="files-title">
      <div class="card-head">
        <h2 id="files-title">Files</h2>
      </div>
      {status === "draft"
        ? <p class="card-body muted">A draft has no standings.</p>
        : (
          <ul class="downloads">
            {boards.map(({ board, label }) => (
              <li key={board}>
                <span>{label}</span>
                <Download
                  href={`${base}?format=csv${board && `&board=${board}`}`}
                  text="CSV"
                  of={label}
                />
                <Download
                  href={`${base}?format=json${board && `&board=${board}`}`}
                  text="JSON"
                  of={label}
                />
              </li>
            ))}
            <li>
              <span>
                Log with its results, as <code>deno task result:verify</code> takes it
              </span>
              <Download href={`${base}?what=log`} text="JSON" of="Log" />
            </li>
          </ul>
        )}
    </section>
  );
}

function Download({ href, text, of }: { href: string; text: string; of: string }) {
  return (
    <a class="button" href={href} download aria-label={`${of} as ${text}`}>
      <Icon name="file" /> {text}
    </a>
  );
}
