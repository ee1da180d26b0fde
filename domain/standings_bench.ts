import { createHash } from "node:crypto";
import { DIRECT, rulesOf } from "@/tests/support/competition_log.ts";
import type { LogEntry, ScoreEntry } from "./log.ts";
import { chainHash, genesisHash } from "./log_hash.ts";
import { applyEntry, project, type Projection, standings, standingsOf } from "./standings.ts";

const PARTICIPANTS = 1_000;
const EVENTS = 100_000;
const RULES = rulesOf(DIRECT);

function event(seq: number, occurredAt: number): ScoreEntry {
  const participant = (seq * 7919) % PARTICIPANTS;
  return {
    kind: "score",
    seq,
    arrivedAt: seq,
    eventId: `event-${seq}`,
    participantId: `participant-${participant}`,
    operator: "increment",
    value: seq % 97,
    occurredAt,
    source: "direct",
    rulesVersion: 1,
  };
}

const log: LogEntry[] = Array.from({ length: PARTICIPANTS }, (_, index) => ({
  kind: "join",
  seq: index + 1,
  arrivedAt: index + 1,
  participantId: `participant-${index}`,
}));
for (let seq = PARTICIPANTS + 1; seq <= PARTICIPANTS + EVENTS; seq++) log.push(event(seq, seq));

const state = project(log, RULES);

function applyNext(projection: Projection, lateMs: number): void {
  const seq = projection.seq + 1;
  applyEntry(projection, event(seq, seq - lateMs));
}

Deno.bench("standings: replay 100 000 events of 1 000 participants", () => {
  standings(log, RULES);
});

Deno.bench("standings: rank 1 000 participants", () => {
  standingsOf(state);
});

Deno.bench("standings: apply an event in order", () => {
  applyNext(state, 0);
});

const lateState = project(log, RULES);

Deno.bench(
  "standings: apply an event that folds its participant's 100 events anew",
  { n: 2000 },
  () => {
    applyNext(lateState, 50_000);
  },
);

let hash = genesisHash();
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

Deno.bench("log: chain the hash of an event", () => {
  hash = chainHash(hash, log.at(-1)!, sha256);
});
