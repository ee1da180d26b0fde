import type { ComponentChildren } from "preact";
import type { Phase } from "@/domain/competition.ts";
import type { Role } from "@/domain/actor.ts";

export type Tone = "good" | "warn" | "bad" | "info" | "live" | "plain";

/** A short state in a coloured pill; the words carry the meaning. */
export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class="badge" data-tone={tone}>{children}</span>;
}

const PHASES: Record<Phase, { name: string; tone: Tone }> = {
  draft: { name: "Draft", tone: "plain" },
  upcoming: { name: "Upcoming", tone: "info" },
  registration: { name: "Registration open", tone: "info" },
  active: { name: "Live", tone: "live" },
  grace: { name: "Late data", tone: "warn" },
  provisional: { name: "Provisional", tone: "warn" },
  final: { name: "Final", tone: "good" },
  settled: { name: "Settled", tone: "good" },
  cancelled: { name: "Cancelled", tone: "bad" },
};

/** The phase's word for people. */
export function phaseName(phase: Phase): string {
  return PHASES[phase].name;
}

/** The phase of a competition. */
export function PhaseBadge({ phase }: { phase: Phase }) {
  const { name, tone } = PHASES[phase];
  return (
    <Badge tone={tone}>
      {phase === "active" ? <span class="dot" /> : null}
      {name}
    </Badge>
  );
}

const ROLES: Record<Role, { name: string; tone: Tone }> = {
  member: { name: "Member", tone: "plain" },
  organiser: { name: "Organiser", tone: "info" },
  referee: { name: "Referee", tone: "warn" },
  finance: { name: "Finance", tone: "good" },
  admin: { name: "Admin", tone: "live" },
};

/** The role's word for people. */
export function roleName(role: Role): string {
  return ROLES[role].name;
}

/** The role of a person. */
export function RoleBadge({ role }: { role: Role }) {
  return <Badge tone={ROLES[role].tone}>{ROLES[role].name}</Badge>;
}
