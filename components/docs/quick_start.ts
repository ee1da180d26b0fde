/** The first calls of a new client: sign in, find a competition, read its board. */

import type { RequestSample } from "./api_request.ts";

/** The calls for a server at `origin`, as curl and as JavaScript. */
export function quickStartSamples(origin: string): RequestSample[] {
  const api = `${origin}/api/v1`;
  return [{ title: "curl", code: curl(api) }, { title: "JavaScript", code: javascript(api) }];
}

function curl(api: string): string {
  return `API="${api}"

# Sign in
TOKEN=$(curl -s "$API/auth/login" \\
  -H "Content-Type: application/json" \\
  -d '{"email": "mira@example.org", "password": "…"}' \\
  | jq -r .data.accessToken)

# What runs now
curl "$API/competitions?phase=active"

# The best ten, and yourself
curl "$API/leaderboard/spring-distance-cup?top=10" \\
  -H "Authorization: Bearer $TOKEN"`;
}

function javascript(api: string): string {
  return `const api = "${api}";

async function call(path, options = {}) {
  const res = await fetch(api + path, options);
  const { data, error } = await res.json();
  if (error) throw new Error(\`\${error.code}: \${error.message}\`);
  return data;
}

const { accessToken } = await call("/auth/login", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ email: "mira@example.org", password: "…" }),
});

const board = await call("/leaderboard/spring-distance-cup?top=10", {
  headers: { Authorization: \`Bearer \${accessToken}\` },
});
for (const row of board.rows) console.log(row.rank, row.name, row.score);`;
}
