/** The operations that take an `Idempotency-Key`: every POST that moves money, score or entries. */

/** Path, as Hono writes it → operation. Score updates and orders keep their keys themselves. */
export const IDEMPOTENT_PATHS: Readonly<Record<string, string>> = {
  "/competitions/:id/join": "joinCompetition",
  "/competitions/:id/leave": "leaveCompetition",
  "/competitions/:id/cancel": "cancelCompetition",
  "/competitions/:id/finalize": "finalizeCompetition",
  "/competitions/:id/participants/:participantId/disqualify": "disqualifyParticipant",
  "/competitions/:id/participants/:participantId/reinstate": "reinstateParticipant",
  "/competitions/:id/participants/:participantId/adjust": "adjustScore",
  "/competitions/:id/participants/:participantId/move": "moveParticipant",
  "/competitions/:id/participants/move": "moveParticipants",
  "/competitions/:id/teams": "createTeam",
  "/competitions/:id/teams/:teamId/join": "joinTeam",
  "/competitions/:id/teams/leave": "leaveTeam",
  "/leaderboard/events/:eventId/void": "voidEvent",
  "/leaderboard/events/:eventId/reinstate": "reinstateEvent",
  "/prizes/distribute/:competitionId": "distributePrizes",
  "/prizes/:competitionId/participants/:participantId/take-back": "takePrizesBack",
  "/admin/withdrawals/:id/sent": "markWithdrawalSent",
  "/admin/withdrawals/:id/returned": "markWithdrawalReturned",
  "/admin/payments/:id/refund": "refundPayment",
  "/admin/payments/:id/refund/outcome": "decideRefund",
  "/admin/ledger/adjustments": "adjustLedger",
  "/admin/ledger/transactions/:id/reverse": "reverseLedgerTransaction",
};

/** The names of these operations. */
export const IDEMPOTENT_OPERATIONS: ReadonlySet<string> = new Set(Object.values(IDEMPOTENT_PATHS));
