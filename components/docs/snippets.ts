/** Ready-made calls for one competition, in the languages of those who integrate. */

import type { WireScoring } from "../score_text.ts";

/** One piece of code with its title. */
export interface Snippet {
  title: string;
  code: string;
}

/** What the calls are made for. */
export interface SnippetTarget {
  publicUrl: string;
  competitionId: string;
  scoring: WireScoring;
}

/** Reading the board, sending to it and listening to it, with addresses filled in.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { snippetsFor } from "@/components/docs/snippets.ts";
 *
 * const [read] = snippetsFor({
 *   publicUrl: "https://pace.example",
 *   competitionId: "42",
 *   scoring: { kind: "direct", operator: "best", direction: "higher", decimals: 0, selfReport: true },
 * });
 * assertEquals(read?.code.includes("https://pace.example/api/v1/leaderboard/42?top=10"), true);
 * ```
 */
export function snippetsFor(target: SnippetTarget): Snippet[] {
  const send = target.scoring.kind === "direct" ? sendScore(target) : sendActivity(target);
  return [readBoard(target), send, client(target), socket(target)];
}

function readBoard({ publicUrl, competitionId }: SnippetTarget): Snippet {
  return {
    title: "Read the board",
    code: `curl "${publicUrl}/api/v1/leaderboard/${competitionId}?top=10" \\
  -H "Authorization: Bearer $TOKEN"    # not needed while the board is public`,
  };
}

function sendScore({ publicUrl, competitionId }: SnippetTarget): Snippet {
  return {
    title: "Send a score",
    code: `curl -X POST "${publicUrl}/api/v1/leaderboard/update" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"competitionId": "${competitionId}", "score": 42, "idempotencyKey": "run-1"}'`,
  };
}

function sendActivity({ publicUrl, competitionId }: SnippetTarget): Snippet {
  return {
    title: "Upload an activity file",
    code: `curl -X POST "${publicUrl}/api/v1/fitness/import" \\
  -H "Authorization: Bearer $TOKEN" \\
  -F "file=@morning_run.fit" \\
  -F "competitionId=${competitionId}"`,
  };
}

function client({ publicUrl, competitionId }: SnippetTarget): Snippet {
  return {
    title: "JavaScript",
    code: `const res = await fetch(
  "${publicUrl}/api/v1/leaderboard/${competitionId}?top=10",
  { headers: { Authorization: \`Bearer \${token}\` } },
);
const { data: board } = await res.json();
for (const row of board.rows) console.log(row.rank, row.name, row.score);`,
  };
}

function socket({ publicUrl, competitionId }: SnippetTarget): Snippet {
  const wsUrl = publicUrl.replace(/^http/, "ws");
  return {
    title: "Live, by WebSocket",
    code: `const socket = new WebSocket("${wsUrl}/ws/leaderboard/${competitionId}");
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.type === "snapshot") console.log(frame.offset, frame.rows);
  if (frame.type === "delta") console.log(frame.from, frame.offset, frame.rows, frame.removed);
};`,
  };
}
