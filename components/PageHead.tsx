import type { ComponentChildren } from "preact";
import { Icon } from "./Icon.tsx";
import { PageTitle } from "./PageTitle.tsx";

/** One step of the way to this page. */
export interface Crumb {
  href: string;
  label: string;
}

/** Title of the document and the page, with the way here and the page's main actions. */
export function PageHead(
  { title, part, crumbs = [], badge, sub, children }: {
    title: string;
    /** Which of several pages of the same heading this is, for the document's title. */
    part?: string | undefined;
    crumbs?: readonly Crumb[];
    badge?: ComponentChildren;
    sub?: ComponentChildren;
    children?: ComponentChildren;
  },
) {
  return (
    <header class="page-head">
      <PageTitle title={part ? `${part} · ${title}` : title} />
      <div>
        {crumbs.length > 0
          ? (
            <nav class="crumbs" aria-label="Breadcrumb">
              {crumbs.map(({ href, label }) => (
                <>
                  <a href={href}>{label}</a>
                  <Icon name="right" />
                </>
              ))}
              <span aria-current="page">{title}</span>
            </nav>
          )
          : null}
        <div class="row">
          <h1>{title}</h1>
          {badge}
        </div>
        {sub ? <p class="sub">{sub}</p> : null}
      </div>
      {children ? <div class="actions">{children}</div> : null}
    </header>
  );
}
