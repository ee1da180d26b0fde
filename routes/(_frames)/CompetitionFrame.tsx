import type { ComponentChildren } from "preact";
import { Badge, PhaseBadge } from "@/components/Badge.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText } from "@/components/competition/rule_text.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";

/** A part of the competition; staff parts are left out for others, e.g. finance. */
interface Tab {
  path: string;
  label: string;
  isStaffs?: boolean;
  /** Only where people score in teams. */
  isOfTeams?: boolean;
}

const TABS: readonly Tab[] = [
  { path: "", label: "Board" },
  { path: "/participants", label: "Participants" },
  { path: "/teams", label: "Teams", isOfTeams: true },
  { path: "/events", label: "Events", isStaffs: true },
  { path: "/steering", label: "Steering", isStaffs: true },
  { path: "/announcements", label: "Announcements" },
  { path: "/prizes", label: "Prizes" },
  { path: "/rules", label: "Rules" },
  { path: "/log", label: "Log" },
  { path: "/api", label: "API" },
];

/** Head and tabs of one competition in the panel. */
export function CompetitionFrame(
  { competition, tab, children }: {
    competition: CompetitionView;
    /** Path of the open tab below the competition's. */
    tab: string;
    children: ComponentChildren;
  },
) {
  const { id, slug, name, phase, scoring, canManage, isStaff, isDemo } = competition;
  const base = `/admin/competitions/${id}`;
  const open = TABS.filter(({ isStaffs, isOfTeams }) =>
    (isStaff || !isStaffs) && (competition.teams !== null || !isOfTeams)
  );
  const managing = [
    { path: "/invites", label: "Invites" },
    ...(competition.series ? [{ path: "/series", label: "Series" }] : []),
    { path: "/danger", label: "Manage" },
  ];
  const tabs = canManage ? [...open, ...managing] : open;
  const badges = (
    <>
      <PhaseBadge phase={phase} />
      {competition.frozen ? <Badge tone="info">Frozen</Badge> : null}
      {isDemo ? <Badge>Demo</Badge> : null}
    </>
  );
  return (
    <>
      <PageHead
        title={name}
        part={tab === "" ? undefined : tabs.find(({ path }) => path === tab)?.label}
        crumbs={[{ href: "/admin/competitions", label: "Competitions" }]}
        badge={badges}
        sub={ruleText(scoring)}
      >
        {phase === "draft" ? null : (
          <>
            <a class="button" href={`/c/${slug}`}>
              <Icon name="open" /> Public page
            </a>
            <a class="button" href={`/c/${slug}?view=wall`}>
              <Icon name="screen" /> Wall
            </a>
          </>
        )}
        {canManage ? <a class="button" href={`${base}/edit`}>Edit</a> : null}
        {canManage && phase === "draft"
          ? (
            <a class="button primary" href={`${base}/danger#publish`}>
              <Icon name="flag" /> Publish…
            </a>
          )
          : null}
      </PageHead>
      <nav class="tabs" aria-label="Parts of this competition">
        {tabs.map(({ path, label }) => (
          <a key={path} href={base + path} aria-current={path === tab ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {children}
    </>
  );
}
