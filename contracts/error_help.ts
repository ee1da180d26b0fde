/** What every error code means and what to do: the text behind `/docs/errors/<CODE>`. */

import type { ErrorCode, ErrorDetail } from "@/domain/error.ts";

/** Cause and cure of one code. */
export interface ErrorHelp {
  /** What an answer with the code may say. */
  message: string;
  cause: string;
  fix: string;
}

export const ERROR_HELP: Record<ErrorCode, ErrorHelp> = {
  BAD_REQUEST: {
    message: "Cannot read the body: it is not JSON",
    cause:
      "The request cannot be read: the body is not JSON, the path is wrongly encoded, or a header is missing.",
    fix: "Send well-formed JSON with Content-Type: application/json and percent-encode the path.",
  },
  VALIDATION_ERROR: {
    message: "scoring.dailyCap: Too small: expected number to be >=1",
    cause:
      "One or more fields break a rule. `details` names each field with its own code and message.",
    fix: "Correct the named fields and send the request again; nothing was stored.",
  },
  IMPORT_REJECTED: {
    message: "Cannot import the file: its checksum does not match",
    cause: "The file has no record that can be used. The reason code stands in `details`.",
    fix:
      "Look the reason up in the table of import reasons; export the file again as FIT, TCX or GPX with times.",
  },
  INVALID_SIGNATURE: {
    message: "Cannot take the event: its signature is none of ours",
    cause:
      "The message was not signed with one of STRIPE_WEBHOOK_SECRETS, was altered, or is older than 300 seconds.",
    fix:
      "Compare the endpoint's signing secret with STRIPE_WEBHOOK_SECRETS, and the server's clock.",
  },
  UNAUTHORIZED: {
    message: "Cannot show the account: sign in first",
    cause: "The request needs somebody signed in, and carried no token or session.",
    fix: "Sign in at POST /api/v1/auth/login and send Authorization: Bearer <accessToken>.",
  },
  INVALID_CREDENTIALS: {
    message: "Cannot sign in: e-mail and password do not belong together",
    cause:
      "E-mail and password do not belong together. The answer is the same for an unknown address.",
    fix: "Check both, or reset the password.",
  },
  TOKEN_EXPIRED: {
    message: "Cannot use the access token: it has expired",
    cause: "The access token or link is past its end.",
    fix: "Get a new one from POST /api/v1/auth/refresh, or sign in again.",
  },
  INVALID_TOKEN: {
    message: "Cannot use the access token: its session has ended",
    cause: "The token is not ours, was altered, was already used, or its session has ended.",
    fix: "Sign in again. A refresh token used twice ends its session on purpose.",
  },
  INSUFFICIENT_FUNDS: {
    message: "Cannot pay 5.00 EUR: the wallet holds 3.20 EUR",
    cause: "The wallet holds less than this costs; what is reserved for a withdrawal is not there.",
    fix: "Fill the wallet with an order of kind top_up, then try again.",
  },
  PAYMENT_REFUSED: {
    message: "Cannot start the payment: the stripe refuses it (amount_too_small)",
    cause: "The payment gateway refused for good: asking again gives the same answer.",
    fix: "Read the reason in the message; change the amount, the currency or the way to pay.",
  },
  FORBIDDEN: {
    message: 'Cannot change competition "Spring Distance Cup": it belongs to somebody else',
    cause:
      "The signed-in person may not do this: the thing is somebody else's or needs another role.",
    fix: "Ask the owner or an admin; the message names the role that is needed.",
  },
  CSRF_FAILED: {
    message: "Cannot accept the request: send the token of /api/v1/csrf-token in X-CSRF-Token",
    cause:
      "A change was sent with a session cookie but without a matching CSRF token, or from another site.",
    fix:
      "Send the token of GET /api/v1/csrf-token in X-CSRF-Token, or use a bearer token instead of the cookie.",
  },
  ACCOUNT_SUSPENDED: {
    message: "Cannot sign in: the account is suspended",
    cause: "An admin has suspended the account.",
    fix: "Ask the operator of this server.",
  },
  NOT_FOUND: {
    message: 'Cannot find competition "spring-cup": there is no such competition',
    cause: "There is no such thing, or it is not visible to the one who asks.",
    fix: "Check the id or slug.",
  },
  METHOD_NOT_ALLOWED: {
    message: 'Cannot PATCH "/api/v1/competitions": it takes GET, HEAD, POST',
    cause: "The path exists, but not with this method. The Allow header lists those it has.",
    fix: "Use one of the methods in Allow.",
  },
  CONFLICT: {
    message: 'Cannot record score: idempotency key "run-118" was used for another update',
    cause:
      "The request contradicts what is stored, e.g. an idempotency key that was used for another body.",
    fix: "Read the present state, decide, and send it again with a new key.",
  },
  EMAIL_TAKEN: {
    message: 'Cannot register "mira@example.org": the address has an account',
    cause: "An account with this e-mail exists.",
    fix: "Sign in with it, or register another address.",
  },
  SLUG_TAKEN: {
    message: 'Cannot use slug "spring-distance-cup": another competition has it',
    cause: "Another competition has this slug.",
    fix: "Choose another, or leave it out to get one made from the name.",
  },
  COMPETITION_FULL: {
    message: 'Cannot join competition "Spring Distance Cup": it is full',
    cause: "Every place is taken, or the new capacity is below the number of participants.",
    fix: "Wait for somebody to leave, or ask the organiser for more places.",
  },
  TEAM_FULL: {
    message: 'Cannot join team "River Otters": it is full',
    cause: "The team has as many members as the competition's team rule lets in.",
    fix: "Join another team, or ask the organiser.",
  },
  TEAM_NAME_TAKEN: {
    message: 'Cannot name a team "River Otters": another one has this name',
    cause: "Two teams of one competition cannot have the same name, whatever its capitals.",
    fix: "Choose another name.",
  },
  CHOICE_LOCKED: {
    message: 'Cannot change your team in "Spring Distance Cup": it is fixed since the start',
    cause:
      "Participants change their division until the start, and their team until when the team rule says, at most until the end.",
    fix: "Ask the organiser, who can move people until the result is final.",
  },
  ENTRY_REFUSED: {
    message: 'Cannot join competition "Spring Cup": a condition is not met (At least 16 years old)',
    cause:
      "The competition asks something of those who enter that is not met. `details` has every condition with its verdict: `accepted`, or the reason.",
    fix:
      "GET /api/v1/competitions/:id/entry tells the verdicts beforehand. Complete the profile, or send `accept` with the join.",
  },
  REGISTRATION_CLOSED: {
    message: 'Cannot join competition "Spring Distance Cup": registration is over',
    cause: "The registration window has not opened yet or is over.",
    fix: "See registrationOpensAt and registrationClosesAt of the competition.",
  },
  NOT_STARTED: {
    message: 'Cannot score in competition "Spring Distance Cup": it has not started',
    cause: "The competition has not started; scores count from startsAt.",
    fix: "Send the score after the start.",
  },
  ALREADY_ENDED: {
    message: 'Cannot score in competition "Spring Distance Cup": it has ended',
    cause: "The competition is over and its grace for late data has passed.",
    fix: "Nothing more can score; an organiser can adjust before the result is final.",
  },
  ALREADY_FINAL: {
    message: 'Cannot change competition "Spring Distance Cup": its result is final',
    cause: "The result is final; nothing changes it any more.",
    fix: "Ask staff for a new revision if the result is wrong.",
  },
  RESULT_BLOCKED: {
    message: 'Cannot finalise competition "Spring Distance Cup": 3 activities wait for review',
    cause:
      "Something keeps the result from being final: late data may still come, or reviews are open. `details` names everything that does.",
    fix:
      "Ask GET /api/v1/competitions/{id}/finalize for what stands in the way, settle it, and finalise again.",
  },
  NOT_PUBLISHED: {
    message: 'Cannot join competition "Spring Distance Cup": it is a draft',
    cause: "The competition is still a draft.",
    fix: "Publish it first.",
  },
  ALREADY_PUBLISHED: {
    message: 'Cannot publish competition "Spring Distance Cup": it is published',
    cause: "The competition was published before.",
    fix: "Edit what may still change, or cancel it with a reason.",
  },
  RULES_LOCKED: {
    message: 'Cannot change scoring of competition "Spring Distance Cup": its rules are locked',
    cause: "Publishing locks what decides the result: scoring, rank method, ties, zone and start.",
    fix: "Change only name, description, capacity, visibility, registration or a later end.",
  },
  COMPETITION_CANCELLED: {
    message: 'Cannot join competition "Spring Distance Cup": it is cancelled',
    cause: "The organiser cancelled the competition; its reason stands on its page.",
    fix: "Choose another competition.",
  },
  NOT_A_PARTICIPANT: {
    message: 'Cannot score in competition "Spring Distance Cup": the person does not take part',
    cause: "The user has not joined the competition, or has left it.",
    fix: "Join at POST /api/v1/competitions/{id}/join.",
  },
  PARTICIPANT_DISQUALIFIED: {
    message: 'Cannot score in competition "Spring Distance Cup": the participant is disqualified',
    cause: "A referee has disqualified the participant.",
    fix: "Appeal to the competition's staff.",
  },
  SELF_REPORT_DISABLED: {
    message:
      'Cannot score in competition "Spring Distance Cup": participants do not report themselves',
    cause: "The rules do not let participants report their own scores.",
    fix: "Scores are sent by the organiser's app or by an admin.",
  },
  SIGN_UP_CLOSED: {
    message: "Cannot register: an admin has to make the account",
    cause: "The admins of this platform do not let people make accounts by themselves.",
    fix: "Ask an admin for an account or an invitation.",
  },
  LAST_ADMIN: {
    message: 'Cannot change user "Ada Admin": no other admin is left',
    cause: "The change would leave the server without an active admin.",
    fix: "Make somebody else an admin first.",
  },
  ORDER_STATE: {
    message: 'Cannot cancel order "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42": it is fulfilled',
    cause: "The order is in a state in which this cannot happen.",
    fix: "Read the order; a fulfilled entry is refunded by leaving before the start.",
  },
  NOT_FINAL: {
    message: 'Cannot distribute the prizes of "Spring Distance Cup": its result is not final',
    cause: "Prizes are paid from a final result, and this one still may change.",
    fix: "Finalize the competition first; POST /api/v1/prizes/calculate/{competitionId} previews.",
  },
  NO_PRIZES: {
    message: 'Cannot calculate the prizes of "Spring Distance Cup": it has none',
    cause: "The competition has no prize plan.",
    fix: "Give `prizes` when creating the competition, or while it is a draft.",
  },
  PAYLOAD_TOO_LARGE: {
    message: "Cannot read the body: it is larger than 65536 bytes",
    cause: "The body is larger than its route allows.",
    fix: "Send less at once: pages of at most 1000 updates, files up to the configured size.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    message: "Cannot read the body as text/plain: this path takes application/json",
    cause: "The route does not take this Content-Type.",
    fix: "Send application/json, or multipart/form-data for files.",
  },
  RATE_LIMIT_EXCEEDED: {
    message: "Cannot answer now: too many requests; try again in 2 s",
    cause: "Too many requests in a short time. RateLimit and Retry-After tell when to go on.",
    fix: "Wait as long as Retry-After says; send scores in batches.",
  },
  INTERNAL_ERROR: {
    message: "Something went wrong on our side",
    cause: "Something failed on our side. It was logged under the request id.",
    fix: "Try again later; tell the operator the request id.",
  },
  CIRCUIT_OPEN: {
    message: "Cannot reach the database: it failed several times",
    cause: "A system behind this one keeps failing, so that it is left alone for a moment.",
    fix: "Wait as long as Retry-After says.",
  },
  SERVICE_UNAVAILABLE: {
    message: "The service is not available now",
    cause:
      "The database or another needed system is away, or the server is stopping. Nothing was stored.",
    fix:
      "Wait as long as Retry-After says and send the request again with the same idempotency key.",
  },
};

/** Details of the codes that carry some. */
const DETAIL_SAMPLES: Partial<Record<ErrorCode, readonly ErrorDetail[]>> = {
  VALIDATION_ERROR: [{
    field: "scoring.dailyCap",
    code: "too_small",
    message: "Too small: expected number to be >=1",
  }],
  IMPORT_REJECTED: [{
    field: "file",
    code: "bad_crc",
    message: "The checksum does not match: the file was damaged on its way.",
  }],
};

/** A sample answer with the code, as a client gets it.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { failureSample } from "@/contracts/error_help.ts";
 *
 * assertEquals(failureSample("COMPETITION_FULL").error.code, "COMPETITION_FULL");
 * ```
 */
export function failureSample(code: ErrorCode) {
  const details = DETAIL_SAMPLES[code];
  const requestId = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";
  const { message } = ERROR_HELP[code];
  return {
    success: false as const,
    error: { code, message, ...(details ? { details } : {}), requestId },
  };
}
