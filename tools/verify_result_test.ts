import { assertEquals } from "@std/assert";
import type { LogRow } from "@/contracts/competitions.ts";
import type { ResultBundle } from "@/contracts/results.ts";
import { type Checkpoint, checkpointBytes, standingsBytes } from "@/domain/checkpoint.ts";
import type { LogEntry, NewLogEntry } from "@/domain/log.ts";
import { chainHash, genesisHash } from "@/domain/log_hash.ts";
import { standings } from "@/domain/standings.ts";
import { sha256 } from "@/platform/sha256.ts";
import { createSigner, deriveSigningKey } from "@/platform/signing.ts";
import { DIRECT, join, logOf, rulesOf, score } from "@/tests/support/competition_log.ts";
import { exportUrl, isShown, verifyBundle } from "./verify_result.ts";

const ID = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";
const signer = createSigner(deriveSigningKey("a secret of this test"));

/** A published log of two athletes, and its signed result. */
function makeBundle(): ResultBundle {
  const rules: NewLogEntry = { kind: "rules", rules: rulesOf(DIRECT) };
  const entries = logOf(rules, join("mira"), join("odd"), score("a"), {
    kind: "status",
    status: "final",
  });
  const rows: LogRow[] = [];
  let hash = genesisHash();
  for (const entry of entries) {
    hash = chainHash(hash, entry, sha256);
    rows.push(toRow(entry, hash));
  }
  const checkpoint: Checkpoint = {
    competitionId: ID,
    epoch: ID,
    revision: 1,
    cause: "finalise",
    seq: entries.length,
    hash: hash.toHex(),
    standingsHash: sha256(standingsBytes(standings(entries, rulesOf(DIRECT)))).toHex(),
    approvedAt: "2026-05-02T00:00:00.000Z",
  };
  const signed = { publicKey: text(signer.publicKey), signature: signatureOf(checkpoint) };
  const revision = {
    ...checkpoint,
    ...signed,
    approvedBy: "Olga",
    approverKind: "user" as const,
    reason: null,
    teamsHash: null,
  };
  return {
    result: { competitionId: ID, revisions: [revision] },
    log: {
      competitionId: ID,
      epoch: ID,
      lastSeq: entries.length,
      lastHash: hash.toHex(),
      entries: rows,
    },
  };
}

function toRow(entry: LogEntry, hash: Uint8Array): LogRow {
  const { arrivedAt, ...rest } = entry;
  const facts = "rules" in rest
    ? { seq: rest.seq, kind: rest.kind, body: { rules: rest.rules } }
    : "status" in rest
    ? { seq: rest.seq, kind: rest.kind, body: { status: rest.status } }
    : "occurredAt" in rest
    ? { ...rest, occurredAt: new Date(rest.occurredAt).toISOString() }
    : rest;
  const row = { ...facts, arrivedAt: new Date(arrivedAt).toISOString(), hash: hash.toHex() };
  return row as LogRow;
}

function text(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function signatureOf(checkpoint: Checkpoint): string {
  return text(signer.sign(checkpointBytes(checkpoint)));
}

function faultOf(change: (bundle: ResultBundle) => void, key?: string): string | undefined {
  const bundle = makeBundle();
  change(bundle);
  return verifyBundle(bundle, key)[0]!.fault;
}

Deno.test("verifyBundle() accepts what follows from the log and was signed by the key", () => {
  assertEquals(verifyBundle(makeBundle(), text(signer.publicKey)), [
    { revision: 1, fault: undefined, rows: 2 },
  ]);
});

Deno.test("verifyBundle() finds whatever was changed", () => {
  assertEquals(
    faultOf(({ log }) => log.entries[3]!.value = 11),
    "the chain of the log breaks at 4: hash",
  );
  assertEquals(faultOf(({ log }) => void log.entries.pop()), FAULT_HEAD);
  assertEquals(
    faultOf(({ result }) => result.revisions[0]!.approvedAt = "2026-05-03T00:00:00.000Z"),
    "the signature is not that of the key",
  );
  assertEquals(
    faultOf(({ result }) => {
      const [revision] = result.revisions;
      revision!.standingsHash = "00".repeat(32);
      revision!.signature = signatureOf(revision!);
    }),
    "the log gives other standings than were signed",
  );
  assertEquals(
    faultOf(({ log }) => log.epoch = crypto.randomUUID()),
    "it is of another competition than the log",
  );
  const other = createSigner(deriveSigningKey("another secret"));
  assertEquals(faultOf(() => {}, text(other.publicKey)), "another key signed it");
});

const FAULT_HEAD = "the log does not reach the entry that was signed, or that entry is another";

Deno.test("isShown() compares rows in their order, with scores as people see them", () => {
  const row = { participantId: "mira", rank: 1, score: 1005 };
  const shown = { rows: [{ participantId: "mira", rank: 1, score: 1.005 }] };

  assertEquals(isShown([row], shown, 3), true);
  for (const other of [{ rank: 2 }, { score: null }, { participantId: "odd" }]) {
    assertEquals(isShown([{ ...row, ...other }], shown, 3), false);
  }
  assertEquals(isShown([row, row], shown, 3), false);
});

Deno.test("exportUrl() understands pages and the API", () => {
  const wanted = "https://pace.example/api/v1/competitions/cup/export?what=log";
  for (const address of ["c/cup", "c/cup/", "api/v1/competitions/cup"]) {
    assertEquals(exportUrl(`https://pace.example/${address}`).href, wanted);
  }
});
