import type { Announcement } from "@/contracts/announcements.ts";
import { Badge } from "../Badge.tsx";
import { Markdown } from "../Markdown.tsx";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** What followers of a competition were told, newest first. */
export function Announcements(
  { items, view }: { items: readonly Announcement[]; view: Viewer },
) {
  return (
    <ol class="announcements">
      {items.map(({ id, kind, text, at }) => (
        <li key={id}>
          <p class="muted small">
            <TimeText at={at} view={view} />{" "}
            {kind === "rules" ? <Badge tone="warn">New rules</Badge> : null}
          </p>
          <Markdown source={text} />
        </li>
      ))}
    </ol>
  );
}
