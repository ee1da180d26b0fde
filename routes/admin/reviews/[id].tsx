import { type Context, page } from "fresh";
import { Consequences } from "@/components/Consequences.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import { CAUSE_TEXT, reviewTitle } from "@/components/activity/review_text.ts";
import { Decisions, Evidence, ReviewBadge } from "@/components/activity/ReviewParts.tsx";
import type { ReviewEvidence } from "@/contracts/reviews.ts";
import { define, type State } from "../../define.ts";
import { type FormAction, idOf, tryAction } from "../../forms/attempt.ts";
import { seeOther } from "../../page_answer.ts";

interface Data {
  review: ReviewEvidence;
  attempt: Attempt;
}

async function dataOf(
  { state: { services, actor }, params }: Context<State>,
  attempt: Attempt = NO_ATTEMPT,
): Promise<Data> {
  return { review: await services.reviews.get(actor, idOf(params.id)), attempt };
}

function actionsOf(
  { state: { services: { reviews }, actor }, params }: Context<State>,
): Record<string, FormAction> {
  const id = idOf(params.id);
  return {
    async accept({ reason }) {
      await reviews.accept(actor, id, reason);
      return "Accepted: it counts from now on.";
    },
    async reject({ reason }) {
      await reviews.reject(actor, id, reason);
      return "Rejected: it does not count. The athlete can appeal once.";
    },
    async undo({ reason }) {
      await reviews.undo(actor, id, reason);
      return "The decision is taken back; it waits again.";
    },
  };
}

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const tried = await tryAction(ctx, actionsOf(ctx));
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, ctx.url.pathname, { tone: "good", text: tried.done });
  },
});

export default define.page<typeof handler>(function ReviewPage({ data, state }) {
  const { review, attempt } = data;
  const base = `/admin/competitions/${review.competitionId}`;
  return (
    <>
      <PageHead
        title={`${review.name}: ${reviewTitle(review).toLowerCase()}`}
        crumbs={[{ href: "/admin/reviews", label: "Reviews" }]}
        badge={<ReviewBadge status={review.status} />}
        sub={`${CAUSE_TEXT[review.cause]} · ${review.competitionName}`}
      >
        <a class="button" href={`${base}/participants/${review.participantId}`}>
          <Icon name="person" /> Participant
        </a>
      </PageHead>
      <div class="split">
        <div class="stack">
          <Evidence review={review} view={state.view} />
        </div>
        <div class="stack">
          <Decisions review={review} view={state.view} />
          <Decide review={review} attempt={attempt} state={state} />
        </div>
      </div>
    </>
  );
});

const HINT = "The athlete reads it beside the same evidence.";

function Decide(
  { review, attempt, state }: { review: ReviewEvidence; attempt: Attempt; state: State },
) {
  if (review.userId === state.account?.id) {
    return (
      <p class="notice">
        <Icon name="lock" />
        <span>This is your own activity. Somebody else has to decide.</span>
      </p>
    );
  }
  const form = { csrfToken: state.csrfToken, hint: HINT, attempt };
  if (review.status === "accepted" || review.status === "rejected") {
    return (
      <section class="card" aria-labelledby="undo-title">
        <div class="card-head">
          <h2 id="undo-title">Take the decision back</h2>
        </div>
        <div class="card-body">
          <ReasonForm {...form} action="undo" button="Take it back">
            <Consequences texts={["It waits again and does not count meanwhile."]} />
          </ReasonForm>
        </div>
      </section>
    );
  }
  return (
    <>
      <section class="card" aria-labelledby="accept-title">
        <div class="card-head">
          <h2 id="accept-title">Accept</h2>
        </div>
        <div class="card-body">
          <ReasonForm {...form} action="accept" button="Accept: let it count">
            <Consequences texts={["It counts as any other, and the board moves at once."]} />
          </ReasonForm>
        </div>
      </section>
      <section class="card danger-card" aria-labelledby="reject-title">
        <div class="card-head">
          <h2 id="reject-title">Reject</h2>
        </div>
        <div class="card-body">
          <ReasonForm {...form} action="reject" button="Reject: leave it out" tone="danger">
            <Consequences texts={["It does not count. The athlete can appeal once."]} />
          </ReasonForm>
        </div>
      </section>
    </>
  );
}
