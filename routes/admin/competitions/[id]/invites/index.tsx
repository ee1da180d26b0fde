import { type Context, page } from "fresh";
import { Badge } from "@/components/Badge.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import {
  CsrfField,
  type Faults,
  FaultSummary,
  SelectField,
  TextField,
} from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { Pagination } from "@/components/Pagination.tsx";
import { groupDigits } from "@/components/score_text.ts";
import { TimeText, type Viewer } from "@/components/TimeText.tsx";
import { wholeOf } from "@/components/whole_number.ts";
import type { CompetitionView } from "@/contracts/competitions.ts";
import type { Page } from "@/contracts/envelope.ts";
import { type Invite, InviteInput, InviteQuery } from "@/contracts/invites.ts";
import { CompetitionFrame } from "../../../../(_frames)/CompetitionFrame.tsx";
import { managedCompetition } from "../../../../competition_of.ts";
import { define, type State } from "../../../../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../../../forms/fields.ts";
import { instantOf } from "../../../../forms/local_time.ts";
import { queryOf } from "../../../../forms/query.ts";
import { refusalOf, seeOther } from "../../../../page_answer.ts";

interface Values {
  label: string;
  usesMax: string;
  expiresAt: string;
  division: string;
  email: string;
}

const EMPTY: Values = { label: "", usesMax: "", expiresAt: "", division: "", email: "" };

interface Data {
  competition: CompetitionView;
  list: Page<Invite>;
  values: Values;
  faults: Faults;
}

async function dataOf(
  ctx: Context<State>,
  { values = EMPTY, faults = {} }: Partial<Pick<Data, "values" | "faults">> = {},
): Promise<Data> {
  const { services, actor } = ctx.state;
  const competition = await managedCompetition(ctx);
  const query = queryOf(InviteQuery, ctx.url.searchParams);
  const list = await services.invites.list(actor, competition.id, query);
  return { competition, list, values, faults };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  POST(ctx) {
    return textOf(ctx.state.form, "action") === "revoke" ? revoke(ctx) : create(ctx);
  },
});

async function create(ctx: Context<State>) {
  const { services, actor, form } = ctx.state;
  const competition = await managedCompetition(ctx);
  const text = (name: keyof Values) => textOf(form, name);
  const values: Values = {
    label: text("label"),
    usesMax: text("usesMax"),
    expiresAt: text("expiresAt"),
    division: text("division"),
    email: text("email"),
  };
  const expiresAt = instantOf(values.expiresAt, competition.timeZone);
  const input = InviteInput.safeParse({
    label: values.label || null,
    usesMax: values.usesMax === "" ? null : wholeOf(values.usesMax),
    expiresAt: values.expiresAt === "" ? null : expiresAt,
    division: values.division || null,
    email: values.email || null,
  });
  if (!input.success) {
    const faults = faultsOfSchema(input.error);
    return page<Data>(await dataOf(ctx, { values, faults }), { status: 422 });
  }
  let made: Invite | undefined;
  const refusal = await refusalOf(async () => {
    made = await services.invites.create(actor, competition.id, input.data);
  });
  if (refusal) {
    const faults = faultsOfRefusal(refusal);
    return page<Data>(await dataOf(ctx, { values, faults }), { status: refusal.status });
  }
  return seeOther(ctx, `/admin/competitions/${competition.id}/invites/${made!.id}`, {
    tone: "good",
    text: made!.email
      ? "The invite is made; somebody with that address and an account is told."
      : "The invite is made.",
  });
}

async function revoke(ctx: Context<State>) {
  const { services, actor, form } = ctx.state;
  const path = `/admin/competitions/${ctx.params.id}/invites`;
  const refusal = await refusalOf(() => {
    return services.invites.revoke(actor, ctx.params.id!, textOf(form, "inviteId"));
  });
  if (refusal) return seeOther(ctx, path, { tone: "bad", text: `${refusal.message}.` });
  return seeOther(ctx, path, {
    tone: "good",
    text: "Nobody joins by that invite any more. Who did stays.",
  });
}

export default define.page<typeof handler>(function Invites({ data, state }) {
  const { competition, list } = data;
  const path = `/admin/competitions/${competition.id}/invites`;
  return (
    <CompetitionFrame competition={competition} tab="/invites">
      <div class="stack">
        <NewInvite {...data} csrfToken={state.csrfToken} />
        <section class="card" aria-labelledby="invites-title">
          <div class="card-head">
            <h2 id="invites-title">Invites</h2>
          </div>
          {list.items.length === 0
            ? (
              <EmptyState
                title="No invites yet"
                text="A link lets people in and counts who came by it; print it as a QR code, or send it."
              />
            )
            : (
              <>
                <InviteTable items={list.items} path={path} state={state} />
                <Pagination path={path} state={{}} {...list} noun="invites" />
              </>
            )}
        </section>
      </div>
    </CompetitionFrame>
  );
});

function InviteTable(
  { items, path, state }: { items: readonly Invite[]; path: string; state: State },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col">State</th>
          <th scope="col" class="num">Joined</th>
          <th scope="col">Until</th>
          <th scope="col">
            <span class="hidden-text">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((invite) => (
          <tr key={invite.id}>
            <td>
              <a href={`${path}/${invite.id}`}>{nameOf(invite)}</a>
              <span class="under">
                <code class="invite-code">{invite.code}</code>
                {invite.division ? ` into ${invite.division}` : ""}
              </span>
            </td>
            <td>
              <InviteBadge state={invite.state} />
            </td>
            <td class="num" data-label="Joined">
              {groupDigits(invite.uses)}
              {invite.usesMax === null ? "" : ` of ${groupDigits(invite.usesMax)}`}
            </td>
            <td data-label="Until">
              <Until invite={invite} view={state.view} />
            </td>
            <td>
              {invite.state === "revoked" ? null : (
                <form method="post">
                  <CsrfField token={state.csrfToken} />
                  <input type="hidden" name="inviteId" value={invite.id} />
                  <button type="submit" class="button" name="action" value="revoke">
                    Revoke<span class="hidden-text">{` ${nameOf(invite)}`}</span>
                  </button>
                </form>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Until({ invite: { expiresAt }, view }: { invite: Invite; view: Viewer }) {
  return expiresAt === null ? <>Registration closes</> : <TimeText at={expiresAt} view={view} />;
}

/** What an invite is called on pages. */
export function nameOf({ label, email }: Invite): string {
  return label ?? email ?? "Link";
}

const STATES = {
  open: { tone: "good", text: "Open" },
  "used_up": { tone: "info", text: "Used up" },
  expired: { tone: "warn", text: "Expired" },
  revoked: { tone: "bad", text: "Revoked" },
} as const;

/** Whether an invite admits. */
export function InviteBadge({ state }: { state: Invite["state"] }) {
  const { tone, text } = STATES[state];
  return <Badge tone={tone}>{text}</Badge>;
}

function NewInvite({ competition, values, faults, csrfToken }: Data & { csrfToken: string }) {
  const { divisions, timeZone, status } = competition;
  if (status !== "draft" && status !== "published") return null;
  return (
    <section class="card" aria-labelledby="new-invite">
      <div class="card-head">
        <h2 id="new-invite">New invite</h2>
      </div>
      <form method="post" class="card-body form" noValidate>
        <FaultSummary faults={faults} />
        <CsrfField token={csrfToken} />
        <div class="pair">
          <TextField
            name="label"
            label="What it is for"
            value={values.label}
            faults={faults}
            maxLength={120}
            placeholder="Poster in the hall"
            hint="Only you see it."
          />
          <TextField
            name="usesMax"
            label="At most so many join by it"
            value={values.usesMax}
            faults={faults}
            inputMode="numeric"
            hint="Empty: any number"
          />
        </div>
        <div class="pair">
          <TextField
            name="expiresAt"
            label="Until"
            type="datetime-local"
            value={values.expiresAt}
            faults={faults}
            hint={`Local time in ${timeZone}. Empty: while registration is open`}
          />
          <TextField
            name="email"
            label="For one person, by e-mail"
            type="email"
            value={values.email}
            faults={faults}
            autocomplete="off"
            hint="Empty: whoever has the link. Somebody with an account is told."
          />
        </div>
        {divisions.length === 0 ? null : (
          <SelectField
            name="division"
            label="Division"
            value={values.division}
            faults={faults}
            options={[
              { value: "", label: "They choose" },
              ...divisions.map((name) => ({ value: name, label: name })),
            ]}
          />
        )}
        <div class="actions">
          <button type="submit" class="button primary">
            <Icon name="plus" /> Make the invite
          </button>
        </div>
      </form>
    </section>
  );
}
