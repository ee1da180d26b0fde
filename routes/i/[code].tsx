import { type Context, page } from "fresh";
import { EntryDemands } from "@/components/competition/EntryVerdicts.tsx";
import { Facts } from "@/components/Facts.tsx";
import { Icon } from "@/components/Icon.tsx";
import { FeeLine, type Purse } from "@/components/competition/JoinButtons.tsx";
import { JoinForm } from "@/components/competition/JoinForm.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { ruleText } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import type { EntryCheck } from "@/contracts/entry_check.ts";
import type { OpenedInvite } from "@/contracts/opened_invite.ts";
import { DomainError } from "@/domain/error.ts";
import { SitePage } from "../(_frames)/SitePage.tsx";
import { purseOf } from "../competition_purse.ts";
import { define, type State } from "../define.ts";
import { entryCheckOf, joinHere } from "../join_request.ts";

interface Data {
  invite: OpenedInvite | null;
  check: EntryCheck | null;
  purse: Purse | null;
}

/** Null for a code that is none; the page then says so. */
async function opened({ state, params }: Context<State>): Promise<OpenedInvite | null> {
  try {
    return await state.services.invites.open(state.actor, params.code!);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** The competition, where the viewer is in it already. */
async function joined({ services, actor }: State, id: string): Promise<boolean> {
  if (actor.kind !== "user") return false;
  try {
    return (await services.competitions.get(actor, id)).participantId !== null;
  } catch (error) {
    if (error instanceof DomainError && error.status < 500) return false;
    throw error;
  }
}

export const handler = define.handlers({
  async GET(ctx) {
    const { state } = ctx;
    const invite = await opened(ctx);
    if (!invite) return page<Data>({ invite, check: null, purse: null }, { status: 404 });
    const { competition, code } = invite;
    if (await joined(state, competition.id)) return ctx.redirect(`/c/${competition.slug}`, 303);
    const [check, purse] = await Promise.all([
      entryCheckOf(state, competition, code),
      purseOf(state, { ...competition, participantId: null }),
    ]);
    return page<Data>({ invite, check, purse });
  },
  async POST(ctx) {
    const invite = await opened(ctx);
    if (!invite) return page<Data>({ invite, check: null, purse: null }, { status: 404 });
    const { code, competition: { slug } } = invite;
    return await joinHere(ctx, { slug, inviteCode: code, failedPath: `/i/${code}` });
  },
});

export default define.page<typeof handler>(function InvitePage({ data, state, url }) {
  const { invite } = data;
  return (
    <SitePage state={state} url={url}>
      <div class="narrow">
        {invite ? <Invitation {...data} invite={invite} state={state} /> : <NoInvite />}
      </div>
    </SitePage>
  );
});

function NoInvite() {
  return (
    <>
      <PageHead title="No such invite" sub="The link is not whole, or was never made." />
      <p class="card card-body">
        Ask whoever sent it for a new one, or <a href="/">look at the public competitions</a>.
      </p>
    </>
  );
}

/** Why an invite admits nobody any more. */
const CLOSED: Partial<Record<OpenedInvite["state"], string>> = {
  "used_up": "This invite was used as often as it may be. Ask for another one.",
  expired: "This invite has expired. Ask for another one.",
  revoked: "This invite was taken back. Ask for another one.",
};

function Invitation(
  { invite, check, purse, state }: Data & { invite: OpenedInvite; state: State },
) {
  const { competition, code } = invite;
  const { name, scoring, startsAt, endsAt, timeZone, slug, visibility } = competition;
  const closed = CLOSED[invite.state];
  return (
    <>
      <PageHead title={`You are invited to ${name}`} sub={ruleText(scoring)} />
      <div class="stack">
        <section class="card card-body stack" aria-label="The competition">
          <Facts
            isTight
            facts={[
              { term: "Starts", value: <TimeText at={startsAt} view={state.view} /> },
              { term: "Ends", value: <TimeText at={endsAt} view={state.view} /> },
              { term: "Days begin at midnight in", value: timeZone },
              ...(invite.isPersonal
                ? [{ term: "For", value: "The person it was sent to, alone" }]
                : []),
            ]}
          />
          {visibility === "invite" ? null : <a href={`/c/${slug}`}>See the board</a>}
        </section>
        <section class="card card-body stack" aria-labelledby="join-title">
          <h2 id="join-title">Take part</h2>
          {closed
            ? (
              <p class="notice" data-tone="warn">
                <Icon name="lock" />
                <span>{closed}</span>
              </p>
            )
            : state.account
            ? (
              <JoinForm
                action={`/i/${code}`}
                competition={competition}
                check={check}
                purse={purse}
                csrfToken={state.csrfToken}
                isPlaced={invite.division !== null}
              />
            )
            : (
              <>
                <FeeLine competition={competition} purse={purse} />
                <EntryDemands conditions={competition.entryConditions} />
                <SignIn code={code} />
              </>
            )}
        </section>
      </div>
    </>
  );
}

function SignIn({ code }: { code: string }) {
  return (
    <>
      <p class="muted">Make an account or sign in; you come back here and join.</p>
      <a class="button primary wide" href={`/register?next=/i/${code}`}>Make an account to join</a>
      <a class="button wide" href={`/sign-in?next=/i/${code}`}>Sign in</a>
    </>
  );
}
