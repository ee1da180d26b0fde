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
} from "@logtape/logtape";
import { createLineSink, type LineSink, STDOUT } from "./log_lines.ts";
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
  | "money"
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
export function startLog(options: LogOptions): Disposable & AsyncDisposable {
  const { level, format, hasColour = false, write } = options;
  const toLine = format === "json"
    ? jsonLine
    : (record: LogRecord) => prettyLine(record, hasColour);
  const lines = createLineSink(write ? { writeNow: write } : STDOUT, (count) => {
    getLog("main").warning("Left out {count} lines that nobody read", { count });
  });
  writeFacts = factsWriter({ level, format, hasColour }, lines.write);
  configureSync({
    reset: true,
    sinks: { lines: (record) => lines.write(toLine(record), isUrgent(record.level)) },
    loggers: [
      { category: [ROOT], sinks: ["lines"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "warning" },
    ],
  });
  const end = () => {
    writeFacts = undefined;
    resetSync();
    return lines.flush();
  };
  return { [Symbol.dispose]: () => void end(), [Symbol.asyncDispose]: async () => await end() };
}

/** The process may end with it. */
function isUrgent(level: LogLevel): boolean {
  return level === "error" || level === "fatal";
}

/** What a line may carry besides its message where nothing of it can be private. */
export type Facts = Readonly<Record<string, string | number | undefined>>;

/** A kind of line: what is the same in all of them. */
interface LineKind {
  level: LogLevel;
  area: LogArea;
  message: string;
  facts: Facts;
  /** The same as JSON, without the braces. */
  json: string;
}

type FactsWriter = (kind: LineKind, facts: Facts) => void;

/** As LogTape, which is set up for the whole process, this is silent until `startLog` ran. */
let writeFacts: FactsWriter | undefined;

/**
 * Makes the writer of a kind of line that every request brings: it goes past the logger and past
 * `redact`, which would cost more than the request's other checks together, and its like parts are
 * serialised once. The caller vouches that nothing in the line is private, and that the texts given
 * to the writer need no escaping.
 */
export function factLine(
  level: LogLevel,
  area: LogArea,
  { message, facts }: { message: string; facts: Facts },
): (facts: Facts) => void {
  const json = JSON.stringify({ level, area, message, ...facts }).slice(1, -1);
  const kind = { level, area, message, facts, json };
  return (facts) => writeFacts?.(kind, facts);
}

function factsWriter(
  { level: lowest, format, hasColour = false }: LogOptions,
  write: LineSink["write"],
): FactsWriter {
  const isSilent = (level: LogLevel) => LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(lowest);
  const timeText = createTimeText();
  return (kind, facts) => {
    const { level, area, message } = kind;
    if (isSilent(level)) return;
    const time = timeText();
    const line = format === "json"
      ? factsJson(time, kind, facts)
      : prettyText({ time, level, area, message, facts: { ...kind.facts, ...facts } }, hasColour);
    write(line, isUrgent(level));
  };
}

/** By hand: `JSON.stringify` takes five times as long, for what needs no escaping. */
function factsJson(time: string, { json }: LineKind, facts: Facts): string {
  let line = `{"time":"${time}",${json}`;
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    if (typeof value === "number") line += `,"${name}":${value}`;
    else if (value !== undefined) line += `,"${name}":"${value}"`;
  }
  return `${line}}`;
}

/** The present instant as text, made once a millisecond. */
function createTimeText(): () => string {
  let atMs = NaN;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== atMs) text = new Date(atMs = now).toISOString();
    return text;
  };
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
  const time = new Date(record.timestamp).toISOString();
  const facts = redact(record.properties) as Record<string, unknown>;
  const { level } = record;
  return prettyText(
    { time, level, area: areaOf(record), message: messageOf(record), facts },
    hasColour,
  );
}

interface PrettyParts {
  time: string;
  level: LogLevel;
  area: string;
  message: string;
  facts: Readonly<Record<string, unknown>>;
}

function prettyText(
  { time, level, area, message, facts }: PrettyParts,
  hasColour: boolean,
): string {
  const paint = (text: string, code: number) => hasColour ? `\x1b[${code}m${text}\x1b[0m` : text;
  const shown = Object.entries(facts).filter(([, value]) => value !== undefined);
  const rest = shown.map(([name, value]) => `${paint(`${name}=`, 90)}${plainText(value)}`);
  const head = [paint(time.slice(11, 23), 90), paint(level.slice(0, 5).padEnd(5), COLOURS[level])];
  return [...head, area, message, ...rest].join(" ");
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
