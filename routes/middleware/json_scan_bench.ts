import { parseStrictJson } from "./json_scan.ts";

const update = JSON.stringify({
  competitionId: "019a0000-0000-7000-8000-000000000001",
  score: 123,
  operator: "increment",
  idempotencyKey: "device-42-2026-05-01T07:00:00Z",
  metadata: { device: "watch", lap: 7 },
});
const updates = JSON.stringify({
  updates: Array.from({ length: 1000 }, (_, i) => ({ ...JSON.parse(update), score: i })),
});
const escaped = JSON.stringify({ name: 'line\nbreak "quoted" '.repeat(100) });

for (const [name, text] of Object.entries({ update, updates, escaped })) {
  const group = `${name}, ${text.length} characters`;
  Deno.bench(`JSON.parse ${name}`, { group, baseline: true }, () => {
    JSON.parse(text);
  });
  Deno.bench(`parseStrictJson ${name}`, { group }, () => {
    parseStrictJson(text);
  });
}
