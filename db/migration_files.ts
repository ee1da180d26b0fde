/** Migrations on disk: pairs `NNNN_what.up.sql` and `NNNN_what.down.sql`, numbered from 0001 without a gap. */

import { join } from "node:path";

/** One step of the schema, there and back. */
export interface Migration {
  number: number;
  /** What it changes, from its file name. */
  name: string;
  up: string;
  down: string;
  /** SHA-256 of the way up, in hex: an applied file must not change. */
  checksum: string;
}

/** A fault of the migration files or of what the database remembers of them. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const FILE = /^(\d{4})_([a-z0-9_]+)\.(up|down)\.sql$/;

/** Reads all migrations of a folder in order; refuses gaps, doubles, half pairs and strangers. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const stems = await readStems(directory);
  return await Promise.all(stems.map((stem, index) => readMigration(directory, stem, index + 1)));
}

async function readStems(directory: string): Promise<string[]> {
  const stems = new Set<string>();
  for await (const entry of Deno.readDir(directory)) {
    const match = FILE.exec(entry.name);
    if (match) stems.add(`${match[1]}_${match[2]}`);
    else if (entry.name.endsWith(".sql")) {
      throw new MigrationError(`Cannot read migration "${entry.name}": not named NNNN_what.up.sql`);
    }
  }
  return [...stems].sort();
}

async function readMigration(
  directory: string,
  stem: string,
  expected: number,
): Promise<Migration> {
  const number = Number(stem.slice(0, 4));
  if (number !== expected) {
    const wanted = String(expected).padStart(4, "0");
    throw new MigrationError(`Cannot use migration "${stem}": expected number ${wanted}`);
  }
  const [up, down] = await Promise.all([
    readSql(directory, `${stem}.up.sql`),
    readSql(directory, `${stem}.down.sql`),
  ]);
  return { number, name: stem.slice(5), up, down, checksum: await sha256(up) };
}

async function readSql(directory: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(join(directory, file));
  } catch (cause) {
    throw new MigrationError(`Cannot read migration "${file}": its pair is not complete`, {
      cause,
    });
  }
}

/** SHA-256 of a text, in hex. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
