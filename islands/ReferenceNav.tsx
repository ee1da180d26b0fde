import { useEffect, useState } from "preact/hooks";
import { type Searchable, searchGroups } from "@/components/docs/api_search.ts";
import { ApiMethod } from "@/components/docs/ApiMethod.tsx";

export interface NavGroup {
  tag: string;
  id: string;
  operations: Searchable[];
}

/** The operation under the head of the page is the one that is read. */
const READ_ZONE = "-10% 0px -75% 0px";

/** The operations by group, with a search; without script the search asks the server. */
export default function ReferenceNav({ groups, q }: { groups: NavGroup[]; q: string }) {
  const [search, setSearch] = useState(q);
  const [isOpen, setOpen] = useState(false);
  const current = useCurrentSection();
  const found = searchGroups(groups, search.trim());
  useEffect(() => {
    const link = document.querySelector("#ref-groups [aria-current]");
    link?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <div class="ref-nav" data-open={isOpen ? "" : undefined}>
      <search>
        <form action="/docs">
          <label class="hidden-text" for="ref-q">Find an operation</label>
          <input
            class="input"
            type="search"
            id="ref-q"
            name="q"
            placeholder="Find an operation"
            autocomplete="off"
            value={search}
            onInput={(event) => {
              setSearch(event.currentTarget.value);
              setOpen(true);
            }}
          />
        </form>
        <button
          type="button"
          class="button ref-toggle"
          aria-expanded={isOpen}
          aria-controls="ref-groups"
          onClick={() => setOpen(!isOpen)}
        >
          Contents
        </button>
      </search>
      <nav id="ref-groups" class="ref-groups" aria-label="Operations">
        {found.map((group) => (
          <div key={group.id} class="ref-group">
            <a class="ref-tag" href={`#${group.id}`} onClick={() => setOpen(false)}>{group.tag}</a>
            <ul class="plain">
              {group.operations.map(({ id, method, summary, path }) => (
                <li key={id}>
                  <a
                    href={`#${id}`}
                    title={path}
                    aria-current={id === current ? "location" : undefined}
                    onClick={() => setOpen(false)}
                  >
                    <ApiMethod method={method} small />
                    <span>{shortSummary(summary)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
        <p class="hint" aria-live="polite">
          {found.length === 0 ? "No operation has these words" : ""}
        </p>
      </nav>
    </div>
  );
}

/** What stands before the explanation is enough for a list. */
function shortSummary(summary: string): string {
  return summary.split(/[:;(,]/)[0]!.trim();
}

/** The id of the operation that is read now. */
function useCurrentSection(): string {
  const [current, setCurrent] = useState("");
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      const entered = entries.find(({ isIntersecting }) => isIntersecting);
      if (entered) setCurrent(entered.target.id);
    }, { rootMargin: READ_ZONE });
    for (const section of document.querySelectorAll(".operation[id]")) observer.observe(section);
    return () => observer.disconnect();
  }, []);
  return current;
}
