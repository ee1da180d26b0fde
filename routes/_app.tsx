import { asset } from "fresh/runtime";
import { SITE_NAME_DEFAULT, SiteName } from "@/components/frame/site_name.ts";
import { define, type State } from "./define.ts";

const SHEETS = [
  "tokens",
  "base",
  "account",
  "layout",
  "parts",
  "forms",
  "tables",
  "reading",
  "board",
  "figures",
  "athlete",
  "entry",
  "preview",
  "pages",
  "steering",
  "money",
];

export default define.layout(function App({ Component, state }) {
  // Pages that come before the state, when nothing works, have the product's own name.
  const { settings }: Partial<State> = state;
  const siteName = settings?.platformName ?? SITE_NAME_DEFAULT;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#0c1220" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0a0f1a" />
        <title>{siteName}</title>
        <link rel="icon" type="image/svg+xml" href={asset("/favicon.svg")} />
        <link rel="apple-touch-icon" href={asset("/icon-180.png")} />
        <link rel="manifest" href={asset("/site.webmanifest")} />
        <link
          rel="preload"
          href="/fonts/inter-latin.woff2"
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
        />
        {SHEETS.map((name) => (
          <link key={name} rel="stylesheet" href={asset(`/styles/${name}.css`)} />
        ))}
      </head>
      <body>
        <SiteName.Provider value={siteName}>
          <Component />
        </SiteName.Provider>
      </body>
    </html>
  );
});
