/**
 * How long the request loop is held while an export of Health comes in, is read, stored and scored.
 * A timer fires every 2 ms and reads how much processor time this thread has had since: what is
 * more than a turn of the loop is work that nobody else could get between, however busy the machine.
 *
 *     deno run -A tests/load/import_hold.ts --megabytes=120
 *
 * All permissions, since the kernel's account of a thread is behind them.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Call, openTestApp, type TestApp } from "../support/app.ts";
import { appleExport } from "../support/apple_export.ts";

const MB = 1_000_000;
const TICK_MS = 2;
const HELD_MS = 20;
/** So much before, so that what is compiled once is not counted. */
const WARM_UP_MEGABYTES = 25;

/** Processor time of this thread, in ms. */
function threadMs(): number {
  const account = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`);
  return Number(account.split(" ")[0]) / 1e6;
}

/** Turns of the loop by the phase in which they were. */
class Turns implements Disposable {
  #phase = "";
  #turns = new Map<string, number[]>();
  #last = threadMs();
  readonly #timer = setInterval(() => {
    const now = threadMs();
    this.#turns.get(this.#phase)?.push(now - this.#last);
    this.#last = now;
  }, TICK_MS);

  begin(phase: string): void {
    this.#phase = phase;
    this.#turns.set(phase, []);
  }

  line(phase: string): string {
    const turns = this.#turns.get(phase)!.sort((a, b) => b - a);
    const sum = turns.reduce((total, ms) => total + ms, 0) / 1000;
    const worst = turns.slice(0, 5).map((ms) => ms.toFixed(1)).join(", ");
    const held = turns.filter((ms) => ms > HELD_MS).length;
    return `${phase}: ${
      sum.toFixed(1)
    } s of this thread; ${held} turns over ${HELD_MS} ms; worst ${worst} ms`;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { megabytes: { type: "string", default: "120" } } });
  await using test = await openTestApp();
  const { token } = await test.person();
  await competeInSteps(test, token);
  await test.services.jobs.start();
  using turns = new Turns();
  for (const megabytes of [WARM_UP_MEGABYTES, Number(values.megabytes)]) {
    await importExport(test, token, { megabytes, turns });
  }
  for (const phase of ["upload", "job"]) await print(turns.line(phase));
}

/** A competition in which all of the readings count, so that they are scored as well. */
async function competeInSteps({ call, person }: TestApp, token: string): Promise<void> {
  const organiser = await person("organiser");
  const scoring = { kind: "activity", metric: "steps" };
  const times = { startsAt: "2000-01-01T00:00:00Z", endsAt: "2027-12-31T00:00:00Z" };
  const staff: Call = { token: organiser.token };
  const made = await call("POST", "/competitions", {
    ...staff,
    body: { name: "All steps", scoring, ...times },
  });
  const { id } = made.body.data;
  await call("POST", `/competitions/${id}/publish`, staff);
  await call("POST", `/competitions/${id}/join`, { token });
}

async function importExport(
  test: TestApp,
  token: string,
  { megabytes, turns }: { megabytes: number; turns: Turns },
): Promise<void> {
  // Made before, so that only the product's own work is counted.
  const chunks = [...appleExport(megabytes * MB, test.time.now() - 60_000).chunks];
  await pause();
  turns.begin("upload");
  const importId = await send(test, token, chunks);
  turns.begin("job");
  const path = `/fitness/imports/${importId}`;
  for (;;) {
    const { body } = await test.call("GET", path, { token });
    if (!["queued", "running"].includes(body.data.import.status)) break;
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** Without a socket and without a form of the platform's, which would be the most of the work. */
async function send(
  { app }: TestApp,
  token: string,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<string> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const head = encode(
    '--x\r\nContent-Disposition: form-data; name="file"; filename="export.xml"\r\n\r\n',
  );
  const res = await app.fetch(
    new Request("http://localhost/api/v1/fitness/import", {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "multipart/form-data; boundary=x",
      },
      body: ReadableStream.from([head, ...chunks, encode("\r\n--x--\r\n")]),
    }),
  );
  const { data } = await res.json();
  return data.import.id;
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  await main();
  Deno.exit(0);
}
