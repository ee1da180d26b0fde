import type { ComponentChildren } from "preact";

/** One term with its value. */
export interface Fact {
  term: string;
  value: ComponentChildren;
}

/** A list of terms and values. */
export function Facts({ facts, isTight = false }: { facts: readonly Fact[]; isTight?: boolean }) {
  return (
    <dl class={isTight ? "facts tight" : "facts"}>
      {facts.map(({ term, value }) => (
        <div>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
