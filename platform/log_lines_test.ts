import { assertEquals } from "@std/assert";
import { createByteOutput, createLineSink } from "./log_lines.ts";

/** An output that ends a write when the test says so. */
function slowOutput() {
  const written: string[] = [];
  let end = () => {};
  return {
    written,
    end: () => end(),
    output: {
      writeNow: (lines: string) => void written.push(`now ${lines}`),
      write(lines: string) {
        written.push(lines);
        return new Promise<void>((resolve) => end = resolve);
      },
    },
  };
}

/** Enough to leave at once. */
const LONG = "x".repeat(270_000);

Deno.test("createLineSink() gathers while a write is under way, and keeps the order", async () => {
  const { output, written, end } = slowOutput();
  const sink = createLineSink(output);

  sink.write(LONG, false);
  sink.write("second", false);
  sink.write("third", true);
  assertEquals(written, [`${LONG}\n`]);
  end();
  await Promise.resolve().then(() => {}).then(() => {});

  assertEquals(written, [`${LONG}\n`, "second\nthird\n"]);
  end();
});

Deno.test("createLineSink() writes an urgent line before it returns, with what waits before it", () => {
  const { output, written } = slowOutput();
  const sink = createLineSink(output);

  sink.write("first", false);
  sink.write("last words", true);

  assertEquals(written, ["now first\nlast words\n"]);
});

Deno.test("createLineSink() flush() waits for what is under way, then writes the rest", async () => {
  const { output, written, end } = slowOutput();
  const sink = createLineSink(output);
  sink.write(LONG, false);
  sink.write("rest", false);

  const flushed = sink.flush();
  assertEquals(written.length, 1);
  end();
  await flushed;

  assertEquals(written, [`${LONG}\n`, "now rest\n"]);
});

Deno.test("createLineSink() leaves lines out that nobody reads, and tells how many", async () => {
  const { output, written, end } = slowOutput();
  let told = 0;
  const sink = createLineSink(output, (lines) => told = lines);

  for (let line = 0; line < 500; line++) sink.write(LONG, false);
  assertEquals(written.length, 1);
  end();
  await Promise.resolve().then(() => {}).then(() => {});

  assertEquals([written.length, told], [2, 500 - 1 - 63]);
  end();
});

Deno.test("createByteOutput() writes lines of any size, also while it writes", async () => {
  const sent: Uint8Array[] = [];
  const ends: (() => void)[] = [];
  const output = createByteOutput({
    writeSync: (bytes) => bytes.length,
    write(bytes) {
      sent.push(bytes);
      return new Promise((resolve) => ends.push(() => resolve(bytes.length)));
    },
  });
  const lines = ["é\n", "b\n", `${"x".repeat(400_000)}\n`];

  const written = lines.map((text) => output.write?.(text));
  const texts = sent.map((bytes) => new TextDecoder().decode(bytes));
  ends.forEach((end) => end());
  await Promise.all(written);

  assertEquals(texts, lines);
});
