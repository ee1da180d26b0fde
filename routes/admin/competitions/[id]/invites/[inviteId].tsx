import { page } from "fresh";
import { Facts } from "@/components/Facts.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText } from "@/components/competition/rule_text.ts";
import { groupDigits } from "@/components/score_text.ts";
import { instantText } from "@/components/time_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type QrCode, qrCode } from "@/platform/qr_code.ts";
import { managedCompetition } from "../../../../competition_of.ts";
import { define } from "../../../../define.ts";
import { InviteBadge, nameOf } from "./index.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    const { services, actor, publicUrl } = ctx.state;
    const competition = await managedCompetition(ctx);
    const invite = await services.invites.get(actor, competition.id, ctx.params.inviteId!);
    const link = new URL(invite.path, publicUrl).href;
    return page({ competition, invite, link, qr: qrCode(link) });
  },
});

/** The link with its code: to be printed, the rest of the page stays away from paper. */
export default define.page<typeof handler>(function InvitePoster({ data, state }) {
  const { competition, invite, link, qr } = data;
  const base = `/admin/competitions/${competition.id}`;
  const view = { timeZone: competition.timeZone, locale: "en" };
  return (
    <div class="narrow">
      <PageHead
        title={nameOf(invite)}
        crumbs={[
          { href: "/admin/competitions", label: "Competitions" },
          { href: base, label: competition.name },
          { href: `${base}/invites`, label: "Invites" },
        ]}
        badge={<InviteBadge state={invite.state} />}
        sub="Print this page, or send the link."
      />
      <div class="stack">
        <section class="card poster" aria-labelledby="poster-name">
          <h2 id="poster-name">{competition.name}</h2>
          <p>{ruleText(competition.scoring)}</p>
          <Code qr={qr} label={`QR code of ${link}`} />
          <p>
            <a class="invite-code" href={link}>{link}</a>
          </p>
          <p class="muted">
            {instantText(competition.startsAt, view)} – {instantText(competition.endsAt, view)}
          </p>
        </section>
        <section class="card card-body" aria-label="About this invite">
          <Facts
            facts={[
              {
                term: "Joined by it",
                value: groupDigits(invite.uses) +
                  (invite.usesMax === null ? "" : ` of ${groupDigits(invite.usesMax)}`),
              },
              {
                term: "Until",
                value: invite.expiresAt === null
                  ? "Registration closes"
                  : <TimeText at={invite.expiresAt} view={state.view} />,
              },
              ...(invite.division ? [{ term: "Division", value: invite.division }] : []),
              ...(invite.email ? [{ term: "Only for", value: invite.email }] : []),
              { term: "Code", value: <code class="invite-code">{invite.code}</code> },
            ]}
          />
        </section>
      </div>
    </div>
  );
});

function Code({ qr: { size, path }, label }: { qr: QrCode; label: string }) {
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
