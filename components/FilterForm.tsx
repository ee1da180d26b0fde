import type { ComponentChildren } from "preact";

/** What narrows a list: fields that go into its address. */
export function FilterForm({ path, children }: { path: string; children: ComponentChildren }) {
  return (
    <search>
      <form class="filters" action={path}>
        {children}
        <button type="submit" class="button">Apply</button>
      </form>
    </search>
  );
}
