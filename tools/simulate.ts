/**
 * Plays devices against a running app, over its public API alone.
 * Usage: `deno task simulate --competition <id or slug> [--url http://127.0.0.1:8080]
 * [--athletes 20] [--rate 5] [--seconds 60] [--invite <code>]`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runDevices, type RunOptions } from "./simulate/run.ts";
import { summaryText } from "./simulate/summary.ts";

const USAGE = `Usage: deno task simulate --competition <id or slug>
    --url       http://127.0.0.1:8080   server to talk to
    --athletes  20                      people who register and join, 1 to 10000
    --rate      5                       reports a second of all together, up to 10000
    --seconds   60                      how long, 1 to 86400
    --invite    <code>                  for competitions by invitation
`;

/** What the command line asks for, or why it cannot be done. */
export function readOptions(args: string[]): RunOptions & { url: string } | { fault: string } {
  const text = { type: "string" } as const;
  const options = {
    ...{ url: text, competition: text, athletes: text, rate: text, seconds: text, invite: text },
  };
  try {
    const { values } = parseArgs({ args, options });
    if (!values.competition) return { fault: "--competition is missing" };
    return {
      url: new URL(values.url ?? "http://127.0.0.1:8080").origin,
      competition: values.competition,
      athletes: Math.round(numberOf("athletes", values.athletes ?? "20", 1, 10_000)),
      rate: numberOf("rate", values.rate ?? "5", 0.01, 10_000),
      seconds: numberOf("seconds", values.seconds ?? "60", 1, 86_400),
      inviteCode: values.invite,
    };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (number >= min && number <= max) return number;
  throw new RangeError(`--${name} must be a number from ${min} to ${max}`);
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args);
  if ("fault" in options) {
    await write(`${options.fault}\n\n${USAGE}`);
    return 2;
  }
  const run = await runDevices({
    url: options.url,
    fetch,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: Date.now,
    random: Math.random,
    runId: crypto.randomUUID().slice(0, 8),
    say: (line) => void write(`${line}\n`),
  }, options);
  const { tally, competition, durationMs } = run;
  const { athletes } = options;
  await write(`\n${summaryText(tally, { athletes, durationMs, competition: competition.name })}`);
  return tally.faults > 0 || tally.latenciesMs.length === 0 ? 1 : 0;
}

async function write(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) {
  const code = await main().catch(async (error) => {
    await write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
  Deno.exit(code);
}
