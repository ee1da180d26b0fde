/** What one entry costs in the chain of its log. */

import { createHash } from "node:crypto";
import { sha256 } from "@/platform/sha256.ts";
import { canonicalJson } from "./canonical_json.ts";
import type { LogEntry } from "./log.ts";
import { canonicalRow, chainHash, genesisHash } from "./log_hash.ts";

const ENTRY = {
  seq: 4_242,
  kind: "score",
  arrivedAt: 1_795_269_427_731,
  eventId: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42",
  participantId: "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c43",
  operator: "increment",
  value: 42,
  occurredAt: 1_795_269_427_731,
  source: "direct",
  rulesVersion: 1,
} as const satisfies LogEntry;
const PREVIOUS = genesisHash();
const TEXT = canonicalRow(ENTRY);

Deno.bench("canonicalRow() of a score", { group: "row" }, () => void canonicalRow(ENTRY));
Deno.bench(
  "canonicalJson() of the same",
  { group: "row", baseline: true },
  () => void canonicalJson(ENTRY),
);

Deno.bench("sha256() of a row", { group: "hash" }, () => void sha256(TEXT));
Deno.bench("createHash() of a row, as bytes", { group: "hash", baseline: true }, () => {
  Uint8Array.from(createHash("sha256").update(TEXT).digest());
});

Deno.bench("chainHash() of a score", () => void chainHash(PREVIOUS, ENTRY, sha256));
