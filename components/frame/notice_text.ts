/** Notices in words. */

import type { Notice, NOTICE_KINDS } from "@/contracts/notices.ts";
import type { IconName } from "../Icon.tsx";
import { moneyText } from "../money/money_text.ts";
import { ORDER_KIND_TEXT } from "../money/order_text.ts";

/** What a notice says, and the page that it is about. */
export interface NoticeText {
  title: string;
  /** Reason or details; empty where there are none. */
  detail: string;
  href: string | null;
  icon: IconName;
}

type Kind = (typeof NOTICE_KINDS)[number];

interface Facts {
  amount: string;
  reason: string;
  competition: string;
  competitionHref: string | null;
  /** The panel's page of the competition. */
  manageHref: string | null;
  inviteHref: string | null;
  orderHref: string | null;
  order: string;
  rank: string;
  provider: string;
}

const TEXTS: Partial<
  Record<Kind, (facts: Facts) => Partial<NoticeText> & { title: string }>
> = {
  "competition.started": ({ competition, competitionHref }) => ({
    title: `${competition} has started`,
    href: competitionHref,
    icon: "flag",
  }),
  "competition.ended": ({ competition, competitionHref }) => ({
    title: `${competition} is over`,
    detail: "What arrives late counts as long as the grace lasts.",
    href: competitionHref,
    icon: "clock",
  }),
  "competition.provisional": ({ competition, manageHref }) => ({
    title: `The result of ${competition} waits for approval`,
    detail: "The grace is over; nothing new counts any more.",
    href: manageHref,
    icon: "check",
  }),
  "competition.finalise_blocked": ({ competition, manageHref }) => ({
    title: `The result of ${competition} cannot become final yet`,
    href: manageHref,
    icon: "alert",
  }),
  "competition.final": ({ competition, competitionHref }) => ({
    title: `The result of ${competition} is final`,
    href: competitionHref && `${competitionHref}/result`,
    icon: "flag",
  }),
  "competition.cancelled": ({ competition, competitionHref }) => ({
    title: `${competition} was cancelled`,
    href: competitionHref,
    icon: "alert",
  }),
  "competition.invited": ({ competition, inviteHref }) => ({
    title: `You are invited to ${competition}`,
    href: inviteHref,
    icon: "enter",
  }),
  "competition.announced": ({ competition, competitionHref }) => ({
    title: `News of ${competition}`,
    href: competitionHref,
    icon: "info",
  }),
  "competition.carried_over": ({ competition, competitionHref }) => ({
    title: `You take part in the next ${competition}`,
    detail: "It comes again, and you were in the last one. You may leave before it starts.",
    href: competitionHref,
    icon: "flag",
  }),
  "competition.rules_changed": ({ competition, competitionHref }) => ({
    title: `The rules of ${competition} have changed`,
    href: competitionHref,
  }),
  "participant.disqualified": ({ competition, competitionHref }) => ({
    title: `You were disqualified from ${competition}`,
    href: competitionHref,
    icon: "alert",
  }),
  "participant.reinstated": ({ competition, competitionHref }) => ({
    title: `You take part in ${competition} again`,
    href: competitionHref,
    icon: "check",
  }),
  "participant.moved": ({ competition, reason, competitionHref }) => ({
    title: `You were moved in ${competition}`,
    detail: reason,
    href: competitionHref,
  }),
  "team.removed": ({ competition, reason, competitionHref }) => ({
    title: `Your team in ${competition} was removed`,
    detail: reason,
    href: competitionHref,
  }),
  "order.fulfilled": ({ order, amount, orderHref }) => ({
    title: `${order} of ${amount} is done`,
    href: orderHref,
    icon: "check",
  }),
  "order.failed": ({ order, amount, orderHref }) => ({
    title: `${order} of ${amount} failed`,
    href: orderHref,
    icon: "alert",
  }),
  "order.cancelled": ({ order, amount, orderHref }) => ({
    title: `${order} of ${amount} was cancelled`,
    href: orderHref,
  }),
  "order.refunded": ({ order, amount, orderHref }) => ({
    title: `${order} of ${amount} was given back`,
    href: orderHref,
  }),
  "order.part_returned": ({ order, amount, orderHref }) => ({
    title: `${amount} of ${order.toLowerCase()} came back`,
    href: orderHref,
  }),
  "prize.paid": ({ amount, rank, competitionHref }) => ({
    title: `You won ${amount}${rank ? ` for rank ${rank}` : ""}`,
    detail: "It is in your wallet.",
    href: competitionHref && `${competitionHref}/prizes`,
    icon: "flag",
  }),
  "prize.clawed_back": ({ amount }) => ({
    title: `A prize of ${amount} was taken back`,
    href: "/me/wallet",
    icon: "alert",
  }),
  "withdrawal.requested": ({ amount, orderHref }) => ({
    title: `You asked to withdraw ${amount}`,
    href: orderHref,
    icon: "clock",
  }),
  "withdrawal.approved": ({ amount, orderHref }) => ({
    title: `Your withdrawal of ${amount} is approved`,
    href: orderHref,
    icon: "check",
  }),
  "payout_account.changed": () => ({
    title: "Finance changed where your withdrawals go",
    detail: "Write to the organisers of this site if you did not ask for it.",
    href: "/me/wallet/payouts",
    icon: "alert",
  }),
  "withdrawal.sent": ({ amount, orderHref }) => ({
    title: `Your withdrawal of ${amount} was sent`,
    href: orderHref,
    icon: "check",
  }),
  "debt.recovered": ({ amount }) => ({
    title: `${amount} of your wallet paid off what you owed`,
    href: "/me/wallet/transactions",
  }),
  "wallet.adjusted": ({ amount }) => ({
    title: `Finance moved ${amount} in your wallet`,
    href: "/me/wallet/transactions",
  }),
  "connection.needs_reconnect": ({ provider }) => ({
    title: `${provider} must be connected again`,
    detail: "The access ended, so that nothing new arrives from there.",
    href: "/me/connections",
    icon: "alert",
  }),
};

/** Writes a notice; one of a kind that this page does not know is named by its kind.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { noticeText } from "@/components/frame/notice_text.ts";
 *
 * const payload = { amount: "50.00", currency: "EUR", rank: 1, competitionId: "a" };
 * assertEquals(noticeText({ kind: "prize.paid", payload }), {
 *   title: "You won 50.00\u00a0EUR for rank 1",
 *   detail: "It is in your wallet.",
 *   href: "/c/a/prizes",
 *   icon: "flag",
 * });
 * ```
 */
export function noticeText({ kind, payload }: Pick<Notice, "kind" | "payload">): NoticeText {
  const facts = factsOf(payload);
  const write = Object.hasOwn(TEXTS, kind) ? TEXTS[kind as Kind] : undefined;
  const text = write?.(facts) ?? { title: kind };
  return { detail: facts.reason, href: null, icon: "info", ...text };
}

function factsOf(payload: Notice["payload"]): Facts {
  const text = (name: string) => {
    const value = payload[name];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  const contest = text("slug") || text("competitionId");
  const kind = text("orderKind");
  const reason = text("reason") || text("failure");
  return {
    amount: text("amount") ? moneyText(text("amount"), text("currency")) : "",
    reason: reason ? `“${reason}”` : "",
    competition: text("name") || "a competition",
    competitionHref: contest ? `/c/${contest}` : null,
    manageHref: text("competitionId") ? `/admin/competitions/${text("competitionId")}` : null,
    inviteHref: text("code") ? `/i/${text("code")}` : null,
    orderHref: text("orderId") ? `/me/wallet/orders/${text("orderId")}` : null,
    order: isOrderKind(kind) ? ORDER_KIND_TEXT[kind] : "An order",
    rank: text("rank"),
    provider: text("title") || "A provider",
  };
}

function isOrderKind(kind: string): kind is keyof typeof ORDER_KIND_TEXT {
  return Object.hasOwn(ORDER_KIND_TEXT, kind);
}
