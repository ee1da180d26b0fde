/** Descriptions written in Markdown, as HTML that is safe to show. */

import { micromark } from "micromark";

/** The first level of headings that stands below the page's own h1 and h2. */
const HEADING_TOP = 3;

/**
 * Renders CommonMark. HTML in the source is shown as text and unsafe addresses are dropped; links
 * pass no rank or referrer on, and pictures become links, because pages load nothing from elsewhere.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdownHtml } from "@/components/markdown.ts";
 *
 * assertEquals(markdownHtml("# Run\n\n<b>x</b> [a](javascript:1)").includes("<b>"), false);
 * assertEquals(markdownHtml("# Run"), "<h3>Run</h3>");
 * ```
 */
export function markdownHtml(source: string): string {
  return fitHeadings(micromark(source))
    .replaceAll(
      /<img src="([^"]*)" alt="([^"]*)"[^>]*>/g,
      (_tag, src: string, alt: string) => `<a href="${src}">${alt || src}</a>`,
    )
    .replaceAll('<a href="', '<a rel="nofollow noopener noreferrer" href="');
}

/** The highest level in use becomes `HEADING_TOP`, the next the one below, whatever was skipped. */
function fitHeadings(html: string): string {
  const levels = [...new Set(html.match(/(?<=<h)[1-6](?=>)/g))].sort();
  return html.replaceAll(/<(\/?)h([1-6])>/g, (_tag, slash: string, level: string) => {
    return `<${slash}h${Math.min(6, HEADING_TOP + levels.indexOf(level))}>`;
  });
}
