import { markdownHtml } from "./markdown.ts";

/** A description written in Markdown. */
export function Markdown({ source }: { source: string }) {
  return <div class="prose" dangerouslySetInnerHTML={{ __html: markdownHtml(source) }} />;
}
