import { page } from "fresh";
import { PageHead } from "@/components/PageHead.tsx";
import { Markdown } from "@/components/Markdown.tsx";
import { searchGroups } from "@/components/docs/api_search.ts";
import type { OperationGroup } from "@/components/docs/api_reference.ts";
import { EmptyState } from "@/components/EmptyState.tsx";
import { quickStartSamples } from "@/components/docs/quick_start.ts";
import CodeTabs from "@/islands/CodeTabs.tsx";
import ReferenceNav from "@/islands/ReferenceNav.tsx";
import { define } from "../define.ts";
import { OperationSection } from "./(_parts)/OperationSection.tsx";
import { referenceOf } from "./reference.ts";

export const handler = define.handlers({
  GET({ state, url }) {
    const q = url.searchParams.get("q")?.trim().slice(0, 100) ?? "";
    const document = state.apiDocument();
    const all = referenceOf(document);
    return page({ q, info: document.info, all, groups: searchGroups(all, q) });
  },
});

export default define.page<typeof handler>(function ReferencePage({ data, state }) {
  const { q, info, all, groups } = data;
  return (
    <div class="ref">
      <aside class="ref-side">
        <ReferenceNav q={q} groups={all.map(navGroup)} />
      </aside>
      <div class="ref-main">
        <PageHead title="API reference" sub={`Version ${info.version}`} />
        {q === ""
          ? <Basics origin={state.publicUrl} text={info.description ?? ""} />
          : (
            <p class="notice">
              <span>
                Operations with “{q}”. <a href="/docs">Show all</a>
              </span>
            </p>
          )}
        {groups.length === 0
          ? (
            <EmptyState
              title={`No operation has “${q}”`}
              text="Try a word of its path, e.g. join, or its method."
            />
          )
          : null}
        {groups.map((group) => (
          <section key={group.id} class="ref-part" aria-labelledby={group.id}>
            <header>
              <h2 id={group.id}>{group.tag}</h2>
              <p class="muted">{group.description}</p>
            </header>
            {group.operations.map((operation) => (
              <OperationSection
                key={operation.id}
                operation={operation}
                origin={state.publicUrl}
                csrfToken={state.csrfToken}
              />
            ))}
          </section>
        ))}
      </div>
    </div>
  );
});

function navGroup({ tag, id, operations }: OperationGroup) {
  return {
    tag,
    id,
    operations: operations.map(({ id, method, path, summary }) => ({ id, method, path, summary })),
  };
}

function Basics({ origin, text }: { origin: string; text: string }) {
  return (
    <section class="basics" aria-labelledby="basics">
      <h2 id="basics">Before the first call</h2>
      <div class="basics-columns">
        <Markdown source={text} />
        <CodeTabs id="basics" label="First calls" tabs={quickStartSamples(origin)} />
      </div>
    </section>
  );
}
