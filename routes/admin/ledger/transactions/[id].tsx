import { type Context, page } from "fresh";
import { AccountName } from "@/components/money/AccountName.tsx";
import { Badge, type Tone } from "@/components/Badge.tsx";
import { Consequences } from "@/components/Consequences.tsx";
import { type Fact, Facts } from "@/components/Facts.tsx";
import { TRANSACTION_TEXT } from "@/components/money/ledger_text.ts";
import { changeText } from "@/components/money/money_text.ts";
import { PageHead } from "@/components/PageHead.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import { TimeText } from "@/components/TimeText.tsx";
import type { LedgerTransaction } from "@/contracts/ledger.ts";
import { isReversible } from "@/domain/ledger.ts";
import type { MoneyNames } from "@/services/money/money_names.ts";
import { define, type State } from "../../../define.ts";
import { financeOnly } from "../../../finance_only.ts";
import { idOf, tryAction } from "../../../forms/attempt.ts";
import { seeOther } from "../../../page_answer.ts";

const PATH = "/admin/ledger/transactions";

interface Data {
  transaction: LedgerTransaction;
  names: MoneyNames;
  attempt: Attempt;
}

async function dataOf(
  { state: { services, actor }, params }: Context<State>,
  attempt: Attempt = NO_ATTEMPT,
): Promise<Data> {
  const transaction = await services.books.transaction(actor, idOf(params.id));
  const { actorKind, actorId, competitionId, lines } = transaction;
  const names = await services.moneyNames.of(actor, [
    { userId: actorKind === "user" ? actorId : null, competitionId },
    ...lines.map(({ account }) => account),
  ]);
  return { transaction, names, attempt };
}

export const handler = define.handlers({
  async GET(ctx) {
    financeOnly(ctx.state);
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    financeOnly(ctx.state);
    const { services, actor } = ctx.state;
    let reversalId = "";
    const tried = await tryAction(ctx, {
      async reverse({ reason }) {
        reversalId = (await services.books.reverse(actor, idOf(ctx.params.id), { reason })).id;
        return "The transaction is taken back; this is its reversal.";
      },
    });
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, `${PATH}/${reversalId}`, { tone: "good", text: tried.done });
  },
});

const STATES: Record<LedgerTransaction["state"], { name: string; tone: Tone }> = {
  pending: { name: "Set aside", tone: "warn" },
  posted: { name: "Posted", tone: "good" },
  voided: { name: "Let go", tone: "plain" },
};

export default define.page<typeof handler>(function TransactionPage({ data, state }) {
  const { transaction, names, attempt } = data;
  const { name, tone } = STATES[transaction.state];
  return (
    <div class="narrow">
      <PageHead
        title={TRANSACTION_TEXT[transaction.kind]}
        crumbs={[{ href: "/admin/ledger", label: "Ledger" }]}
        badge={
          <>
            <Badge tone={tone}>{name}</Badge>
            {transaction.reversedById ? <Badge tone="bad">Taken back</Badge> : null}
          </>
        }
      />
      <div class="stack">
        <Lines transaction={transaction} names={names} />
        <div class="card card-body">
          <Facts facts={factsOf(transaction, names, state)} />
        </div>
        {mayReverse(transaction) ? <Reverse csrfToken={state.csrfToken} attempt={attempt} /> : null}
      </div>
    </div>
  );
});

/** What was moved by hand and not taken back; the rest goes back where it was made. */
function mayReverse({ kind, phase, reversedById }: LedgerTransaction): boolean {
  return phase === "posted" && reversedById === null && isReversible(kind);
}

function Lines({ transaction: { lines }, names }: Pick<Data, "transaction" | "names">) {
  return (
    <section class="card" aria-labelledby="lines-title">
      <div class="card-head">
        <h2 id="lines-title">What it moved</h2>
      </div>
      {lines.length === 0
        ? <p class="card-body muted">Nothing: it lets go what was set aside.</p>
        : (
          <table class="table blocks">
            <thead>
              <tr>
                <th scope="col">Account</th>
                <th scope="col" class="num">Change</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ line, account, amount }) => (
                <tr key={line}>
                  <td>
                    <AccountName account={account} names={names} />
                  </td>
                  <td class="num" data-label="Change">{changeText(amount, account.currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}

function factsOf(transaction: LedgerTransaction, names: MoneyNames, { view }: State): Fact[] {
  const { competitionId, orderId, actorKind, actorId, reason } = transaction;
  const link = (term: string, id: string | null) =>
    id === null ? [] : [{ term, value: <a href={`${PATH}/${id}`}>{id}</a> }];
  const actor = { user: names.users.get(actorId ?? "") ?? "A person", "api_key": "An app" };
  return [
    { term: "When", value: <TimeText at={transaction.at} view={view} style="second" /> },
    { term: "By", value: actorKind === "system" ? "The product itself" : actor[actorKind] },
    ...(reason === null ? [] : [{ term: "Reason", value: reason }]),
    ...(competitionId === null ? [] : [{
      term: "Competition",
      value: (
        <a href={`/admin/competitions/${competitionId}/prizes`}>
          {names.competitions.get(competitionId) ?? competitionId}
        </a>
      ),
    }]),
    ...(orderId === null
      ? []
      : [{ term: "Order", value: <a href={`/admin/orders/${orderId}`}>{orderId}</a> }]),
    ...link("Decides", transaction.resolvesId),
    ...link("Takes back", transaction.reversesId),
    ...link("Taken back by", transaction.reversedById),
    { term: "Reference", value: <code>{transaction.reference}</code> },
  ];
}

const CONSEQUENCES = [
  "A new transaction moves every amount back; this one stays as it is.",
  "It fails where an account no longer holds enough.",
];

function Reverse({ csrfToken, attempt }: { csrfToken: string; attempt: Attempt }) {
  return (
    <section class="card danger-card" aria-labelledby="reverse-title">
      <div class="card-head">
        <h2 id="reverse-title">Reverse it</h2>
      </div>
      <div class="card-body">
        <ReasonForm
          action="reverse"
          csrfToken={csrfToken}
          button="Reverse the transaction"
          tone="danger"
          hint="Kept in the ledger and the audit log."
          attempt={attempt}
        >
          <Consequences texts={CONSEQUENCES} />
        </ReasonForm>
      </div>
    </section>
  );
}
