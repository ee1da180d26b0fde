import { listHref, type ListState } from "./list_url.ts";
import { groupDigits } from "./score_text.ts";
import { Icon } from "./Icon.tsx";

/** Where a list stands and the way to its other pages. */
export function Pagination(
  { path, state, page, pageSize, total, noun }: {
    path: string;
    state: ListState;
    page: number;
    pageSize: number;
    total: number;
    /** What is listed, in the plural. */
    noun: string;
  },
) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1;
  const last = Math.min(total, page * pageSize);
  return (
    <nav class="pages" aria-label={`Pages of ${noun}`}>
      <span>
        {groupDigits(first)}–{groupDigits(last)} of {groupDigits(total)} {noun}
      </span>
      {pages > 1
        ? (
          <span class="row">
            {page > 1
              ? (
                <a class="button" rel="prev" href={listHref(path, state, { page: page - 1 })}>
                  <Icon name="left" /> Previous
                </a>
              )
              : null}
            <span>Page {page} of {pages}</span>
            {page < pages
              ? (
                <a class="button" rel="next" href={listHref(path, state, { page: page + 1 })}>
                  Next <Icon name="right" />
                </a>
              )
              : null}
          </span>
        )
        : null}
    </nav>
  );
}
