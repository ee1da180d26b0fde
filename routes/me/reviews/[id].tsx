import { type Context, page } from "fresh";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { type Attempt, NO_ATTEMPT, ReasonForm } from "@/components/ReasonForm.tsx";
import { CAUSE_TEXT, reviewTitle } from "@/components/activity/review_text.ts";
import { Decisions, Evidence, ReviewBadge } from "@/components/activity/ReviewParts.tsx";
import type { Review, ReviewEvidence } from "@/contracts/reviews.ts";
import { define, type State } from "../../define.ts";
import { idOf, tryAction } from "../../forms/attempt.ts";
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

export const handler = define.handlers({
  async GET(ctx) {
    return page<Data>(await dataOf(ctx));
  },
  async POST(ctx) {
    const { services, actor } = ctx.state;
    const tried = await tryAction(ctx, {
      async appeal({ reason }) {
        await services.reviews.appeal(actor, idOf(ctx.params.id), reason);
        return "Your appeal is sent; somebody will look again.";
      },
    });
    if (tried.done === undefined) {
      return page<Data>(await dataOf(ctx, tried.attempt), { status: tried.status });
    }
    return seeOther(ctx, ctx.url.pathname, { tone: "good", text: tried.done });
  },
});

const MEANING: Record<Review["status"], string> = {
  open: "It does not count until somebody of the staff has looked at it.",
  appealed: "Your appeal waits for another look. Until then it does not count.",
  accepted: "It counts.",
  rejected: "It does not count.",
};

export default define.page<typeof handler>(function OwnReview({ data, state }) {
  const { review, attempt } = data;
  const { status, appeal, activityId } = review;
  return (
    <>
      <PageHead
        title={reviewTitle(review)}
        crumbs={[
          { href: "/me", label: "My page" },
          { href: "/me/reviews", label: "Reviews" },
        ]}
        badge={<ReviewBadge status={status} />}
        sub={`${CAUSE_TEXT[review.cause]} · ${review.competitionName}`}
      >
        {activityId
          ? (
            <a class="button" href={`/me/activities/${activityId}`}>
              <Icon name="lanes" /> Session
            </a>
          )
          : null}
      </PageHead>
      <div class="split">
        <div class="stack">
          <Evidence review={review} view={state.view} />
        </div>
        <div class="stack">
          <p class="notice" data-tone={status === "accepted" ? "good" : "warn"}>
            <Icon name="info" />
            <span>{MEANING[status]} You see the same evidence as the staff.</span>
          </p>
          <Decisions review={review} view={state.view} />
          {status === "rejected" && appeal === null
            ? (
              <section class="card" aria-labelledby="appeal-title">
                <div class="card-head">
                  <h2 id="appeal-title">Appeal</h2>
                </div>
                <div class="card-body">
                  <ReasonForm
                    action="appeal"
                    csrfToken={state.csrfToken}
                    button="Send the appeal"
                    label="What really happened"
                    hint="You can appeal once. Say what the figures do not show."
                    attempt={attempt}
                  />
                </div>
              </section>
            )
            : null}
        </div>
      </div>
    </>
  );
});
