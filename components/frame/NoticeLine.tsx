import type { Notice } from "@/contracts/notices.ts";
import { Icon } from "../Icon.tsx";
import { noticeText } from "./notice_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** A notice in a list of them. */
export function NoticeLine({ notice, view }: { notice: Notice; view: Viewer }) {
  const { title, detail, href, icon } = noticeText(notice);
  const isNew = notice.readAt === null;
  return (
    <li data-new={isNew ? "" : undefined}>
      <Icon name={icon} />
      <div>
        {href ? <a href={href}>{title}</a> : <b>{title}</b>}
        {isNew ? <span class="hidden-text">(unread)</span> : null}
        {detail ? <span class="under">{detail}</span> : null}
        <span class="under">
          <TimeText at={notice.createdAt} view={view} />
        </span>
      </div>
    </li>
  );
}
