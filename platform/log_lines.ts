/**
 * Lines on their way out. They gather for a moment and leave in one piece, on another thread, so that
 * a reader of the log who is slow keeps no request waiting.
 *
 * @module
 */

/** Where lines go. */
export interface LineOutput {
  /** Writes before it returns. */
  writeNow(lines: string): void;
  /** Writes meanwhile; absent where that is not possible. Never asked before the last has ended. */
  write?(lines: string): Promise<void>;
}

/** Gathers lines. */
export interface LineSink {
  /** An urgent line leaves at once, because the process may end with it. */
  write(line: string, isUrgent: boolean): void;
  /** Writes what waits, after what is under way. */
  flush(): Promise<void> | void;
}

/** Lines that gather before a write: one for a burst of requests. */
const GATHERED_CHARACTERS = 262_144;
/** How long a line may wait for company. */
const FLUSH_MS = 50;
/** Nobody reads the log when so much waits; what comes then is left out, and that is told. */
const WAITING_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Makes a sink; `onLeftOut` hears how many lines were left out, once lines go again. */
export function createLineSink(
  output: LineOutput,
  onLeftOut: (lines: number) => void = () => {},
): LineSink {
  let pending = "";
  let leftOut = 0;
  let isHurried = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let underWay: Promise<void> | undefined;
  function take(): string {
    clearTimeout(timer);
    timer = undefined;
    isHurried = false;
    const lines = pending;
    pending = "";
    return lines;
  }
  function send(): void {
    // What waits goes when that has ended.
    if (underWay || pending === "") return;
    if (!output.write) return output.writeNow(take());
    // There is no place left to tell that nobody reads.
    underWay = output.write(take()).catch(() => {}).then(settle);
  }
  function settle(): void {
    underWay = undefined;
    if (leftOut > 0) onLeftOut(leftOut);
    leftOut = 0;
    if (isHurried) send();
    else if (pending !== "") timer ??= setTimeout(send, FLUSH_MS);
  }
  function sendNow(): void {
    if (pending !== "") output.writeNow(take());
  }
  return {
    flush: () => underWay ? underWay.then(sendNow) : sendNow(),
    write(line, isUrgent) {
      if (pending.length > WAITING_CHARACTERS_MAX) return void (leftOut += 1);
      pending += `${line}\n`;
      if (isUrgent || pending.length >= GATHERED_CHARACTERS) {
        isHurried = true;
        if (isUrgent && !underWay) sendNow();
        else send();
      } else if (!underWay) timer ??= setTimeout(send, FLUSH_MS);
    },
  };
}

const encoder = new TextEncoder();
/** Room for what gathers, at three bytes a character, which is the most that one takes in UTF-8. */
const SPACE_BYTES = 1_048_576;
const BYTES_PER_CHARACTER_MAX = 3;

/** The standard output. */
export const STDOUT: LineOutput = createByteOutput(Deno.stdout);

/** Writes lines as bytes. */
export function createByteOutput(
  stream: Pick<typeof Deno.stdout, "write" | "writeSync">,
): LineOutput {
  // Memory for new bytes each time would cost more than to make the bytes.
  let space: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(SPACE_BYTES);
  return {
    writeNow(lines) {
      const bytes = bytesOf(lines, space);
      for (let written = 0; written < bytes.length;) {
        written += stream.writeSync(bytes.subarray(written));
      }
    },
    async write(lines) {
      const taken = space;
      space = undefined;
      const bytes = bytesOf(lines, taken);
      try {
        for (let written = 0; written < bytes.length;) {
          written += await stream.write(bytes.subarray(written));
        }
      } finally {
        space ??= taken;
      }
    },
  };
}

/** The lines as bytes, in that space where there is one that holds them. */
function bytesOf(lines: string, space: Uint8Array | undefined): Uint8Array {
  const isRoom = space && lines.length * BYTES_PER_CHARACTER_MAX <= space.length;
  return isRoom
    ? space.subarray(0, encoder.encodeInto(lines, space).written)
    : encoder.encode(lines);
}
