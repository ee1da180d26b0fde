import { asset, Head } from "fresh/runtime";
import { SitePage } from "../(_frames)/SitePage.tsx";
import { define } from "../define.ts";

const PAGES = [
  { href: "/docs", label: "Reference" },
  { href: "/docs/socket", label: "Live socket" },
  { href: "/docs/api-keys", label: "API keys" },
  { href: "/docs/errors", label: "Errors" },
  { href: "/docs/reasons", label: "Reasons" },
];

export default define.layout(function DocsLayout({ Component, state, url }) {
  const current = PAGES.findLast(({ href }) => {
    return url.pathname === href || url.pathname.startsWith(`${href}/`);
  });
  return (
    <SitePage state={state} url={url} isWide>
      <Head>
        <link rel="stylesheet" href={asset("/styles/docs.css")} />
        <link rel="stylesheet" href={asset("/styles/reference.css")} />
      </Head>
      <div class="docs">
        <nav class="tabs" aria-label="Developer documents">
          {PAGES.map(({ href, label }) => (
            <a key={href} href={href} aria-current={href === current?.href ? "page" : undefined}>
              {label}
            </a>
          ))}
          <a href="/openapi.json">openapi.json</a>
        </nav>
        <Component />
      </div>
    </SitePage>
  );
});
