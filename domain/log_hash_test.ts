import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { anyLog } from "@/tests/support/competition_log.ts";
import { canonicalJson } from "./canonical_json.ts";
import type { LogEntry, ScoreEntry } from "./log.ts";
import {
  canonicalRow,
  type ChainedEntry,
  chainHash,
  chainInput,
  genesisHash,
  HashChain,
  verifyChain,
} from "./log_hash.ts";

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

function chain(log: readonly LogEntry[]): ChainedEntry[] {
  let hash = genesisHash();
  return log.map((entry) => {
    hash = chainHash(hash, entry, sha256);
    return { entry, hash };
  });
}

const chains = anyLog.filter((log) => log.length > 2).map(chain);

Deno.test("verifyChain() accepts what chainHash() made, whole or in parts", () => {
  fc.assert(fc.property(chains, fc.nat(), (entries, cut) => {
    const last = entries.at(-1)!;
    const head = { seq: last.entry.seq, hash: last.hash };
    const at = 1 + cut % (entries.length - 1);
    const before = entries[at - 1]!;
    const after = { seq: before.entry.seq, hash: before.hash };

    assertEquals(verifyChain(entries, sha256, { head }), { ok: true, head });
    assertEquals(verifyChain(entries.slice(at), sha256, { after, head }), { ok: true, head });
  }));
});

Deno.test("HashChain gives the hashes of chainHash(), rows of any length included", () => {
  const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  const long = { kind: "join", participantId: "p".repeat(5_000), arrivedAt: 9, seq: 1 } as const;
  const odd = { ...long, participantId: `"\u00e9\\`.repeat(170) };
  fc.assert(fc.property(anyLog, fc.nat(), (log, place) => {
    const entries = log.toSpliced(place % (log.length + 1), 0, long, odd);
    const batch = new HashChain(genesisHash(), hex);

    const hashes = entries.map((entry) => batch.add(entry));

    const expected = chain(entries).map(({ hash }) => hash);
    assertEquals(hashes, expected.map((hash) => hash.toHex()));
    assertEquals(batch.head, expected.at(-1)!);
  }));
});

Deno.test("canonicalRow() of a score is the general way's, whatever its texts hold", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (eventId, participantId) => {
    const entry: ScoreEntry = {
      seq: 4,
      kind: "score",
      arrivedAt: 9,
      eventId,
      participantId,
      operator: "set",
      value: null,
      occurredAt: 5,
      source: "activity",
      rulesVersion: 2,
    };
    assertEquals(canonicalRow(entry), canonicalJson({ ...entry }));
  }));
});

Deno.test("verifyChain() finds an edited entry at its number", () => {
  fc.assert(fc.property(chains, fc.nat(), (entries, pick) => {
    const index = pick % entries.length;
    const edited = entries.map((chained, place) =>
      place === index ? { ...chained, entry: editedEntry(chained.entry) } : chained
    );
    const verdict = verifyChain(edited, sha256);

    assertEquals(verdict, { ok: false, seq: index + 1, fault: "hash" });
  }));
});

/** Changes the field that matters most of an entry. */
function editedEntry(entry: LogEntry): LogEntry {
  switch (entry.kind) {
    case "score":
      return { ...entry, value: (entry.value ?? 0) + 1 };
    case "void_event":
    case "reinstate_event":
      return { ...entry, eventId: `${entry.eventId}x` };
    case "rules":
      return { ...entry, rules: { ...entry.rules, version: entry.rules.version + 1 } };
    case "status":
      return { ...entry, status: "settled" };
    case "freeze":
      return { ...entry, kind: "unfreeze" };
    case "unfreeze":
      return { ...entry, kind: "freeze" };
    default:
      return "participantId" in entry
        ? { ...entry, participantId: `${entry.participantId}x` }
        : { ...entry, teamId: `${entry.teamId}x` };
  }
}

Deno.test("verifyChain() finds a dropped and a doubled entry", () => {
  fc.assert(fc.property(chains, fc.nat(), (entries, pick) => {
    const index = pick % (entries.length - 1);
    const dropped = entries.toSpliced(index, 1);
    const doubled = entries.toSpliced(index, 0, entries[index]!);

    assertEquals(verifyChain(dropped, sha256), { ok: false, seq: index + 1, fault: "gap" });
    assertEquals(verifyChain(doubled, sha256), { ok: false, seq: index + 2, fault: "gap" });
  }));
});

Deno.test("verifyChain() finds entries that were dropped and numbered anew", () => {
  fc.assert(fc.property(chains, fc.nat(), (entries, pick) => {
    const index = pick % (entries.length - 1);
    const renumbered = entries.toSpliced(index, 1).map(({ entry, hash }, place) => ({
      entry: { ...entry, seq: place + 1 },
      hash,
    }));

    assertEquals(verifyChain(renumbered, sha256), { ok: false, seq: index + 1, fault: "hash" });
  }));
});

Deno.test("verifyChain() finds two entries that changed places, with or without their numbers", () => {
  fc.assert(fc.property(chains, fc.nat(), (entries, pick) => {
    const index = pick % (entries.length - 1);
    const [first, second] = [entries[index]!, entries[index + 1]!];
    const moved = entries.toSpliced(index, 2, second, first);
    const renumbered = entries.toSpliced(
      index,
      2,
      { ...second, entry: { ...second.entry, seq: index + 1 } },
      { ...first, entry: { ...first.entry, seq: index + 2 } },
    );

    assertEquals(verifyChain(moved, sha256).ok, false);
    const verdict = verifyChain(renumbered, sha256);
    assert(!verdict.ok && verdict.seq === index + 1);
  }));
});

Deno.test("verifyChain() finds missing last entries by the known head", () => {
  const entries = chain([
    { seq: 1, arrivedAt: 1, kind: "freeze" },
    { seq: 2, arrivedAt: 1, kind: "unfreeze" },
  ]);
  const head = { seq: 2, hash: entries[1]!.hash };
  const short = entries.slice(0, 1);

  assertEquals(verifyChain(short, sha256).ok, true);
  assertEquals(verifyChain(short, sha256, { head }), { ok: false, seq: 1, fault: "head" });
});

Deno.test("verifyChain() refuses arrival times that go back, however well hashed", () => {
  const entries = chain([
    { seq: 1, arrivedAt: 5, kind: "freeze" },
    { seq: 2, arrivedAt: 4, kind: "unfreeze" },
  ]);

  assertEquals(verifyChain(entries, sha256), { ok: false, seq: 2, fault: "time" });
});

Deno.test("canonicalRow() tells any two different entries apart and takes no unknown field", () => {
  const base = { seq: 1, arrivedAt: 5, participantId: "mira" };
  const plain: LogEntry = { ...base, kind: "join" };
  const noisy = { ...base, kind: "join" as const, name: "Mira", address: "10.0.0.1" };

  assertEquals(canonicalRow(noisy), canonicalRow(plain));
  assertEquals(canonicalRow({ ...plain, division: null }), canonicalRow(plain));
  assertNotEquals(canonicalRow({ ...base, kind: "leave" }), canonicalRow(plain));
});

Deno.test("canonicalRow() spells scores out as canonicalJson() would", () => {
  const scores = anyLog.map((log) => log.filter((entry) => entry.kind === "score"));
  fc.assert(fc.property(scores, (entries) => {
    for (const entry of entries) {
      const { seq, kind, arrivedAt, eventId, participantId, operator, value } = entry;
      const { occurredAt, source, rulesVersion } = entry;
      const first = { seq, kind, arrivedAt, eventId, participantId, operator, value };
      const row = { ...first, occurredAt, source, rulesVersion };
      assertEquals(canonicalRow(entry), canonicalJson(row));
    }
  }));
});

Deno.test("canonicalRow() of rules does not depend on the order of their keys", () => {
  const rules = {
    version: 1,
    rankMethod: "standard" as const,
    tieBreaks: [],
    scoring: {
      kind: "direct" as const,
      operator: "set" as const,
      direction: "higher" as const,
      decimals: 2,
      selfReport: false,
    },
  };
  const { version, ...rest } = rules;
  const entry = { seq: 1, arrivedAt: 5, kind: "rules" as const };

  assertEquals(
    canonicalRow({ ...entry, rules: { ...rest, version } }),
    canonicalRow({ rules, ...entry }),
  );
});

Deno.test("chainInput() is the previous hash and the row in UTF-8", () => {
  const entry: LogEntry = { seq: 1, arrivedAt: 5, kind: "join", participantId: "p", division: "Ü" };
  const input = chainInput(genesisHash().fill(7), entry);

  assertEquals([...input.slice(0, 32)], Array(32).fill(7));
  assertEquals(new TextDecoder().decode(input.slice(32)), canonicalRow(entry));
  assertThrows(() => chainInput(new Uint8Array(31), entry), RangeError, "31 bytes");
});
