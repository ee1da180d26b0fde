import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { groupDigits, pacePercent, scoreFormatOf, scoreText } from "./score_text.ts";

Deno.test("groupDigits() only adds spaces, every third digit from the point", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), fc.integer({ min: 0, max: 3 }), (stored, decimals) => {
    const value = stored / 10 ** decimals;

    const text = groupDigits(value, decimals);

    const plain = text.replaceAll("\u202f", "").replace("\u2212", "-");
    assertEquals(plain, value === 0 ? (0).toFixed(decimals) : value.toFixed(decimals));
    assert(/^\u2212?\d{1,3}(\u202f\d{3})*(\.\d+)?$/.test(text), text);
  }));
});

Deno.test("scoreText() shows each metric in its own way", async (t) => {
  const activity = { kind: "activity", aggregate: "total", direction: "higher" } as const;
  const cases = [
    ["steps", 3173, "3\u202f173\u00a0steps"],
    ["distance", 13843, "13\u202f843\u00a0m"],
    ["moving_time", 12345, "3:25:45"],
    ["activities", 4, "4\u00a0sessions"],
  ] as const;
  for (const [metric, score, text] of cases) {
    await t.step(metric, () => {
      const format = scoreFormatOf({ ...activity, metric, manualPolicy: "exclude" });

      assertEquals(scoreText(score, format), text);
    });
  }
});

Deno.test("pacePercent() draws no bar where a longer one would not be better", () => {
  const higher = { decimals: 0, unit: "", style: "number", higherWins: true } as const;

  assertEquals(pacePercent(50, 200, higher), 25);
  assertEquals(pacePercent(-5, 200, higher), 0);
  assertEquals(pacePercent(null, 200, higher), 0);
  assertEquals(pacePercent(50, 0, higher), 0);
  assertEquals(pacePercent(50, 200, { ...higher, higherWins: false }), 0);
});
