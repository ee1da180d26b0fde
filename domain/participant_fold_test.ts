import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ScoreEntry, VoidEntry } from "@/domain/log.ts";
import {
  explainParticipant,
  foldParticipant,
  UNCOUNTED_REASONS,
} from "@/domain/participant_fold.ts";
import type { Rules } from "@/domain/rules.ts";
import { anyLog, DIRECT, logOf, rulesOf, score, STEPS } from "@/tests/support/competition_log.ts";

const isScoring = (entry: { kind: string }): entry is ScoreEntry | VoidEntry =>
  ["score", "void_event", "reinstate_event"].includes(entry.kind);

/** Reasons by event, in fold order. */
function reasonsOf(entries: ReturnType<typeof logOf>, rules: Rules): (string | null)[][] {
  return explainParticipant(entries.filter(isScoring), [rules])
    .map(({ event, reason, scoreAfter }) => [event.eventId, reason, String(scoreAfter)]);
}

Deno.test("explainParticipant() ends at the score that the fold gives, each event told once", () => {
  fc.assert(fc.property(anyLog, (log) => {
    const versions: [Rules, ...Rules[]] = [
      rulesOf(DIRECT),
      ...log.flatMap((entry) => entry.kind === "rules" ? [entry.rules] : []),
    ];
    const byPerson = Map.groupBy(log.filter(isScoring), ({ participantId }) => participantId);
    for (const entries of byPerson.values()) {
      const folded = foldParticipant(entries, versions);
      if (!folded) continue;
      const explained = explainParticipant(entries, versions);

      const counted = explained.filter(({ reason }) => reason === null);
      assertEquals(counted.at(-1)?.scoreAfter ?? null, folded.score);
      const ids = entries.filter(({ kind }) => kind === "score").map(({ eventId }) => eventId);
      assertEquals(explained.map(({ event }) => event.eventId).sort(), ids.sort());
    }
  }));
});

Deno.test("explainParticipant() tells why an event does not count", () => {
  const voided = { kind: "void_event" as const, eventId: "b", participantId: "mira" };
  assertEquals(
    reasonsOf(logOf(score("a"), score("b", { occurredAt: 60, value: 7 }), voided), rulesOf(DIRECT)),
    [["a", null, "10"], ["b", "voided", "null"]],
  );
  const computed = { source: "activity" as const };
  assertEquals(
    reasonsOf(
      logOf(
        score("old", computed),
        score("new", { ...computed, value: 12, occurredAt: 55 }),
        score("sent", { occurredAt: 70 }),
        score("extra", { source: "staff", operator: "increment", value: 1, occurredAt: 80 }),
      ),
      rulesOf(STEPS),
    ),
    [
      ["old", "superseded", "null"],
      ["new", null, "12"],
      ["sent", "rules_changed", "null"],
      ["extra", null, "13"],
    ],
  );
});

Deno.test("docs/reason_codes.md has every reason of events with its meaning", async () => {
  const file = new URL("../docs/reason_codes.md", import.meta.url);
  const text = (await Deno.readTextFile(file)).split("## Why a score event does not count")[1]!;
  const rows = text.split("\n").filter((line) => line.startsWith("| `"))
    .map((row) => row.split("|").map((cell) => cell.trim()))
    .map(([, code, meaning]) => [code!.replaceAll("`", ""), meaning]);

  assertEquals(Object.fromEntries(rows), { ...UNCOUNTED_REASONS });
});
