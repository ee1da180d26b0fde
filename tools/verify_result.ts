/**
 * Checks a final result without trusting whoever gave it: the hashes of the published log follow from
 * each other, the standings that the log gives are those that were signed, and the signature is that
 * of the key. Ends with 1 when any revision fails.
 * Usage: `deno task result:verify <file|url> [--key <base64url>]`. The file is an export of the log
 * (`GET /competitions/{id}/export?what=log`), the url a competition of the API or its page.
 * Without `--key` the key of the file is taken on trust.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Log } from "@/contracts/competitions.ts";
import { toChainedEntry } from "@/contracts/log_entries.ts";
import { Result, type ResultBundle, type ResultRevision } from "@/contracts/results.ts";
import { checkpointBytes, verifyCheckpoint } from "@/domain/checkpoint.ts";
import type { ChainedEntry } from "@/domain/log_hash.ts";
import { decimalsOf, type Rules } from "@/domain/rules.ts";
import { formatScore } from "@/domain/score.ts";
import type { Standing } from "@/domain/standing.ts";
import { standings } from "@/domain/standings.ts";
import { sha256 } from "@/platform/sha256.ts";
import { isSignedBy } from "@/platform/signing.ts";

/** What is wrong with a revision; undefined where nothing is. */
export interface RevisionReport {
  revision: number;
  fault: string | undefined;
  /** Rows of the standings that the log gives. */
  rows: number;
}

/** Checks every revision of a result; with a key only its signatures are good. */
export function verifyBundle(bundle: ResultBundle, key?: string): RevisionReport[] {
  const entries = bundle.log.entries.map(toChainedEntry);
  return bundle.result.revisions.map((revision) =>
    verifyRevision(revision, bundle.log, {
      entries,
      key,
    })
  );
}

function verifyRevision(
  revision: ResultRevision,
  log: Log,
  { entries, key }: { entries: readonly ChainedEntry[]; key: string | undefined },
): RevisionReport {
  const report = (fault: string | undefined, rows = 0) => ({
    revision: revision.revision,
    fault,
    rows,
  });
  if (revision.competitionId !== log.competitionId || revision.epoch !== log.epoch) {
    return report("it is of another competition than the log");
  }
  if (key !== undefined && revision.publicKey !== key) return report("another key signed it");
  const isSigned = isSignedBy(
    bytesOf(revision.publicKey),
    checkpointBytes(revision),
    bytesOf(revision.signature),
  );
  if (!isSigned) return report("the signature is not that of the key");
  const verdict = verifyCheckpoint(revision, entries, sha256);
  if (verdict.ok) return report(undefined, verdict.standings.length);
  if (verdict.fault === "chain") {
    return report(`the chain of the log breaks at ${verdict.chain.seq}: ${verdict.chain.fault}`);
  }
  return report(FAULTS[verdict.fault]);
}

const FAULTS = {
  rules: "the log does not begin with its rules",
  head: "the log does not reach the entry that was signed, or that entry is another",
  standings: "the log gives other standings than were signed",
  teams: "the log gives other team standings than were signed",
};

function bytesOf(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

/** A board as a server shows it, in the form of its export. */
export interface ShownBoard {
  rows: { participantId: string; rank: number | null; score: number | null }[];
}

/** Whether a board shows what the standings of a log say; `decimals` are those of the rules. */
export function isShown(
  rows: readonly Pick<Standing, "participantId" | "rank" | "score">[],
  board: ShownBoard,
  decimals: number,
): boolean {
  return rows.length === board.rows.length && rows.every((row, index) => {
    const shown = board.rows[index]!;
    const score = row.score === null ? null : formatScore(row.score, decimals);
    return shown.participantId === row.participantId && shown.rank === row.rank &&
      shown.score === score;
  });
}

/** Compares the newest revision with the board of the server that it came from. */
async function compareWithBoard(place: string, { log }: ResultBundle): Promise<boolean> {
  const versions = log.entries.flatMap(({ body }) => body?.rules ? [body.rules as Rules] : []);
  const rules = versions.at(-1);
  const res = await fetch(exportUrl(place, "format=json"));
  if (!rules || !res.ok) throw new Error(`Cannot read the board of ${place}`);
  const rows = standings(log.entries.map((row) => toChainedEntry(row).entry), versions[0]!);
  return isShown(rows, await res.json() as ShownBoard, decimalsOf(rules.scoring));
}

/** Where the export of a competition is, from the address of its page or of the API. */
export function exportUrl(address: string, query = "what=log"): URL {
  const url = new URL(address);
  const path = url.pathname.replace(/\/+$/, "");
  const page = /^(.*)\/c\/([^/]+)$/.exec(path);
  const competition = page ? `${page[1]}/api/v1/competitions/${page[2]}` : path;
  return new URL(`${competition}/export?${query}`, url);
}

function isAddress(place: string): boolean {
  return /^https?:\/\//.test(place);
}

async function readBundle(place: string): Promise<ResultBundle> {
  if (!isAddress(place)) return toBundle(JSON.parse(await Deno.readTextFile(place)));
  const res = await fetch(exportUrl(place));
  if (!res.ok) throw new Error(`Cannot read ${place}: it answers ${res.status}`);
  return toBundle(await res.json());
}

/** The log is taken as it is: a schema would fill in what was not hashed. */
function toBundle(file: { result?: unknown; log?: Partial<Log> }): ResultBundle {
  const { log } = file;
  if (!Array.isArray(log?.entries)) {
    throw new Error("Cannot read the file: it is no export of a log");
  }
  return { result: Result.parse(file.result), log: log as Log };
}

async function main(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { key: { type: "string" } },
  });
  const [place] = positionals;
  if (place === undefined) throw new Error("Usage: deno task result:verify <file|url> [--key …]");
  const bundle = await readBundle(place);
  const reports = verifyBundle(bundle, values.key);
  if (reports.length === 0) await tell("The result is not final yet: there is nothing to verify");
  for (const { revision, fault, rows } of reports) {
    await tell(`Revision ${revision}: ${fault ?? `as signed, ${rows} rows follow from the log`}`);
  }
  const [newest] = bundle.result.revisions;
  if (newest) await tell(`Key: ${newest.publicKey}${values.key ? "" : " (taken on trust)"}`);
  const isGood = reports.length > 0 && reports.every(({ fault }) => fault === undefined);
  if (!isGood || !isAddress(place)) return isGood;
  const isSame = await compareWithBoard(place, bundle);
  await tell(isSame ? "The server shows this board" : "The server shows another board");
  return isSame;
}

async function tell(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  const isGood = await main(Deno.args).catch(async (error: Error) => {
    await Deno.stderr.write(new TextEncoder().encode(`error: ${error.message}\n`));
    return false;
  });
  Deno.exit(isGood ? 0 : 1);
}
