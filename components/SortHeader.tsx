import { listHref, type ListState, nextOrder } from "./list_url.ts";
import { Icon } from "./Icon.tsx";

/** The state of a sorted list. */
export interface SortState extends ListState {
  sort: string;
  order: "asc" | "desc";
}

/** A column head that sorts the list by its column. */
export function SortHeader(
  { path, state, column, label, isNumber = false, first = "asc" }: {
    path: string;
    state: SortState;
    column: string;
    label: string;
    isNumber?: boolean;
    /** The way to sort first. */
    first?: "asc" | "desc";
  },
) {
  const isOn = state.sort === column;
  const href = listHref(path, state, { sort: column, order: nextOrder(column, state, first) });
  const sorted = state.order === "asc" ? "ascending" : "descending";
  return (
    <th scope="col" class={isNumber ? "num" : undefined} aria-sort={isOn ? sorted : undefined}>
      <a class="sort" href={href}>
        {label}
        {isOn ? <Icon name={state.order === "asc" ? "up" : "down"} /> : null}
      </a>
    </th>
  );
}
