import { page } from "fresh";
import { Badge, RoleBadge, roleName } from "@/components/Badge.tsx";
import { Facts } from "@/components/Facts.tsx";
import {
  CsrfField,
  type Faults,
  FaultSummary,
  SelectField,
  TextField,
} from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { sentence } from "@/components/competition/rule_text.ts";
import { TimeText } from "@/components/TimeText.tsx";
import { type User, UserChange } from "@/contracts/users.ts";
import { ROLES } from "@/domain/actor.ts";
import { define, type State } from "../../define.ts";
import { faultsOfRefusal, faultsOfSchema, textOf } from "../../forms/fields.ts";
import { refusalOf, seeOther } from "../../page_answer.ts";

interface Data {
  user: User;
  faults: Faults;
}

export const handler = define.handlers({
  async GET({ state: { services, actor }, params }) {
    return page<Data>({ user: await services.users.get(actor, params.id!), faults: {} });
  },
  async POST(ctx) {
    const { services, actor, form } = ctx.state;
    const user = await services.users.get(actor, ctx.params.id!);
    const change = UserChange.safeParse({
      role: textOf(form, "role") || undefined,
      status: textOf(form, "status") || undefined,
      reason: textOf(form, "reason") || undefined,
    });
    if (!change.success) {
      return page<Data>({ user, faults: faultsOfSchema(change.error) }, { status: 422 });
    }
    const refusal = await refusalOf(() => services.users.change(actor, user.id, change.data));
    if (refusal) {
      const faults = faultsOfRefusal(refusal);
      return page<Data>({ user, faults }, { status: refusal.status });
    }
    const flash = { tone: "good", text: `${user.name} is changed.` } as const;
    return seeOther(ctx, `/admin/users/${user.id}`, flash);
  },
});

export default define.page<typeof handler>(function UserPage({ data, state }) {
  const { user, faults } = data;
  return (
    <div class="narrow">
      <PageHead
        title={user.name}
        crumbs={[{ href: "/admin/users", label: "Users" }]}
        badge={<RoleBadge role={user.role} />}
        sub={user.email}
      >
        <a class="button" href={`/admin/orders?user=${user.id}`}>
          <Icon name="wallet" /> Orders
        </a>
        <a class="button" href={`/admin/ledger?user=${user.id}`}>
          <Icon name="ledger" /> Wallet
        </a>
        <a class="button" href={`/admin/audit?targetId=${user.id}`}>
          <Icon name="scroll" /> Changes
        </a>
      </PageHead>
      <div class="stack">
        <FaultSummary faults={faults} />
        <div class="card card-body">
          <Facts
            facts={[
              {
                term: "Status",
                value: (
                  <Badge tone={user.status === "active" ? "good" : "bad"}>
                    {sentence(user.status)}
                  </Badge>
                ),
              },
              { term: "Since", value: <TimeText at={user.createdAt} view={state.view} /> },
              { term: "Id", value: <code>{user.id}</code> },
            ]}
          />
        </div>
        {user.status === "deleted" ? null : (
          <>
            <RoleForm user={user} state={state} faults={faults} />
            <StatusForm user={user} state={state} />
          </>
        )}
      </div>
    </div>
  );
});

function RoleForm({ user, state, faults }: { user: User; state: State; faults: Faults }) {
  return (
    <section class="card" aria-labelledby="role-title">
      <div class="card-head">
        <h2 id="role-title">Role</h2>
      </div>
      <form method="post" class="card-body form">
        <CsrfField token={state.csrfToken} />
        <div class="pair">
          <SelectField
            name="role"
            label="May do what"
            value={user.role}
            faults={faults}
            options={ROLES.map((role) => ({ value: role, label: roleName(role) }))}
          />
          <TextField
            name="reason"
            label="Reason"
            faults={faults}
            maxLength={500}
            hint="Kept in the audit log."
          />
        </div>
        <div class="actions">
          <button type="submit" class="button primary">Change role</button>
        </div>
      </form>
    </section>
  );
}

function StatusForm({ user, state }: { user: User; state: State }) {
  const isActive = user.status === "active";
  return (
    <section class={isActive ? "card danger-card" : "card"} aria-labelledby="status-title">
      <div class="card-head">
        <h2 id="status-title">{isActive ? "Suspend the account" : "Take the account back"}</h2>
      </div>
      <form method="post" class="card-body form">
        <CsrfField token={state.csrfToken} />
        <input type="hidden" name="status" value={isActive ? "suspended" : "active"} />
        <p class="muted">
          {isActive
            ? "All sessions end within five seconds, and nobody can sign in to it. Entries and scores stay as they are."
            : "The person can sign in again with the password they had."}
        </p>
        <div class="field">
          <label for="status-reason">Reason</label>
          <input
            class="input"
            id="status-reason"
            name="reason"
            maxLength={500}
            required={isActive}
          />
        </div>
        <div class="actions">
          <button type="submit" class={isActive ? "button danger" : "button primary"}>
            {isActive ? "Suspend" : "Take back"}
          </button>
        </div>
      </form>
    </section>
  );
}
