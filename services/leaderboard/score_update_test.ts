import { assertEquals, assertNotEquals } from "@std/assert";
import { canonicalJson } from "@/domain/canonical_json.ts";
import { sha256Hex } from "@/platform/sha256.ts";
import { keyActor } from "@/tests/support/board_fixture.ts";
import { hashOf, type ScoreCommand } from "./score_update.ts";

const COMPETITION = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";

function command(update: Partial<ScoreCommand["update"]>): ScoreCommand {
  return {
    actor: keyActor("scores:write"),
    update: { competitionId: COMPETITION, score: 5, idempotencyKey: "k", ...update },
    userId: "mira",
    isOwnReport: false,
  };
}

Deno.test("hashOf() is the hash of the canonical text, with metadata and without", () => {
  const base = { competitionId: COMPETITION, userId: "mira", score: 5 };
  const at = Date.UTC(2026, 0, 1);

  assertEquals(hashOf(command({})), sha256Hex(canonicalJson(base)));
  assertEquals(
    hashOf(command({ operator: "set", occurredAt: "2026-01-01T01:00:00+01:00" })),
    sha256Hex(canonicalJson({ ...base, operator: "set", occurredAt: at })),
  );
  assertEquals(
    hashOf(command({ metadata: { lap: 3, gate: "b" } })),
    sha256Hex(canonicalJson({ ...base, metadata: { gate: "b", lap: 3 } })),
  );
});

Deno.test("hashOf() does not depend on the key, the sender or the spelling of the time", () => {
  const given = hashOf(command({ occurredAt: "2026-01-01T00:00:00Z" }));

  assertEquals(hashOf(command({ occurredAt: "2026-01-01T00:00:00.000Z" })), given);
  assertEquals(hashOf(command({ idempotencyKey: "other" })), hashOf(command({})));
  assertNotEquals(hashOf(command({ score: 6 })), hashOf(command({})));
  assertNotEquals(hashOf({ ...command({}), userId: "odd" }), hashOf(command({})));
});
