/** The words of the OpenAPI document that no route carries. */

/** What a reader needs before the first call; Markdown. */
export const DOCUMENT_TEXT =
  `Create competitions, let people join, send scores or activity, read live boards.

**Answers** are JSON. A success is \`{"success": true, "data": …}\`, lists add \`meta\`; a failure is
\`{"success": false, "error": {"code", "message", "details", "requestId"}}\`. Rely on \`code\`: each
[has a page](/docs/errors), which the \`Link\` header of the answer names.

**Sign in** with \`POST /api/v1/auth/login\` and send \`Authorization: Bearer <accessToken>\`. The access
token is short-lived; \`POST /api/v1/auth/refresh\` gives a new one. Public competitions and boards need
no token.

**Apps** send an [API key](/docs/api-keys) as \`Authorization: Bearer pb_…\` or \`X-API-Key\`; what it may do
are the scopes that an admin gave it.

**Lists** take \`page\` and \`page_size\` (at most 100) and answer \`meta.total\`.

**Scores** carry an \`idempotencyKey\` that you make: sending the same update again changes nothing, so
repeat it whenever an answer gets lost. Joining, leaving and whatever moves money or scores take an
\`Idempotency-Key\` header: the same request with the same key has one effect and, for 24 hours, one
answer.

**Limits** are told by \`RateLimit\` and \`RateLimit-Policy\`; over them the answer is 429 with
\`Retry-After\`.

**Live boards** come [over a WebSocket](/docs/socket).`;

/** The groups of operations, in reading order. */
export const TAGS = [
  { name: "Accounts", description: "Register, sign in, keep a session alive, change the password" },
  {
    name: "Competitions",
    description: "Create, publish, join and leave; participants and the log",
  },
  {
    name: "Steering",
    description: "Freeze and finalise, correct scores, judge participants, announce, export",
  },
  { name: "Teams", description: "Teams and divisions: boards, members, moves between them" },
  { name: "Leaderboard", description: "Read boards, send scores one by one or in batches" },
  { name: "Fitness", description: "Upload device files, sync phones, read totals" },
  { name: "Reviews", description: "What is doubtful waits for staff, who decide and may undo" },
  { name: "Users", description: "People and their profiles" },
  { name: "Money", description: "Wallets, orders, prizes and the ledger" },
  { name: "Administration", description: "Live figures, the audit log, API keys, demo data" },
  { name: "Operation", description: "Health, metrics, and the documents of this API" },
];
