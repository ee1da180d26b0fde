/**
 * Logging: LogTape with JSON lines for machines and a short form for a terminal. Everything goes
 * through `redact`, so that no caller has to remember it.
 *
 * @module
 */

import {
  configureSync,
  getLogger,
  type Logger,
  type LogLevel,
  type LogRecord,
  resetSync,
  type Sink,
} from "@logtape/logtape";
import { redact, redactText } from "./redact.ts";

export type { Logger };

/** Levels of `LOG_LEVEL`, from the most talkative. */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
export const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The parts of the product that log; one word each, so that a line can be filtered by it. */
export type LogArea =
  | "main"
  | "http"
  | "auth"
  | "db"
  | "redis"
  | "live"
  | "jobs"
  | "fitness"
  | "competition"
  | "demo";

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  /** Colours of a terminal, for `pretty`. */
  hasColour?: boolean;
  /** Receives whole lines, newline included. */
  write?: (lines: string) => void;
}

const ROOT = "paceboard";

/** The logger of one area; silent until `startLog` ran, as in unit tests. */
export function getLog(area: LogArea): Logger {
  return getLogger([ROOT, area]);
}

/** Starts logging for the whole process; disposing writes what waits and falls silent. */
export function startLog(options: LogOptions): Disposable {
  const { level, format, hasColour = false, write = writeToStdout } = options;
  const toLine = format === "json"
    ? jsonLine
    : (record: LogRecord) => prettyLine(record, hasColour);
  configureSync({
    reset: true,
    sinks: { lines: createLineSink(toLine, write) },
    loggers: [
      { category: [ROOT], sinks: ["lines"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "warning" },
    ],
  });
  return { [Symbol.dispose]: resetSync };
}

function writeToStdout(lines: string): void {
  const bytes = new TextEncoder().encode(lines);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

/** Lines that gather before a write: one system call for a burst of requests. */
const PENDING_CHARACTERS_MAX = 65_536;
/** How long a line may wait for company. */
const FLUSH_MS = 50;

/** Gathers lines for a moment; errors go out at once, since the process may end with them. */
function createLineSink(
  toLine: (record: LogRecord) => string,
  write: (lines: string) => void,
): Sink & Disposable {
  let pending = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending) write(pending);
    pending = "";
  };
  const sink = (record: LogRecord) => {
    pending += `${toLine(record)}\n`;
    const isUrgent = record.level === "error" || record.level === "fatal";
    if (isUrgent || pending.length >= PENDING_CHARACTERS_MAX) flush();
    else timer ??= setTimeout(flush, FLUSH_MS);
  };
  return Object.assign(sink, { [Symbol.dispose]: flush });
}

/** One record as one line of JSON. */
export function jsonLine(record: LogRecord): string {
  return JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    area: areaOf(record),
    message: messageOf(record),
    ...(redact(record.properties) as Record<string, unknown>),
  });
}

const COLOURS: Record<LogLevel, number> = {
  trace: 90,
  debug: 90,
  info: 36,
  warning: 33,
  error: 31,
  fatal: 35,
};

/** One record as a person reads it: time, level, area, message, then what else it carries. */
export function prettyLine(record: LogRecord, hasColour = false): string {
  const paint = (text: string, code: number) => hasColour ? `\x1b[${code}m${text}\x1b[0m` : text;
  const time = paint(new Date(record.timestamp).toISOString().slice(11, 23), 90);
  const level = paint(record.level.slice(0, 5).padEnd(5), COLOURS[record.level]);
  const properties = redact(record.properties) as Record<string, unknown>;
  const shown = Object.entries(properties).filter(([, value]) => value !== undefined);
  const rest = shown.map(([name, value]) => `${paint(`${name}=`, 90)}${plainText(value)}`);
  return [time, level, areaOf(record), messageOf(record), ...rest].join(" ");
}

function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { stack } = value as { stack?: unknown };
  return typeof stack === "string" ? `\n${stack}` : JSON.stringify(value);
}

function areaOf(record: LogRecord): string {
  return record.category.slice(1).join(".") || record.category.join(".");
}

/** A value named in the message is one of the properties too, so it is redacted like them. */
function messageOf(record: LogRecord): string {
  const text = record.message.map((part, index) => {
    if (index % 2 === 0) return part;
    const value = redact(part);
    return typeof value === "string" ? value : JSON.stringify(value);
  }).join("");
  // A line break in a value must not look like another line of the log.
  return redactText(text).replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
