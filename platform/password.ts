/**
 * Password hashes: scrypt, which node runs off the event loop. A hash is PHC text that carries its
 * own parameters (`$scrypt$ln=15,r=8,p=3$salt$hash`), so that the cost can rise without breaking
 * older ones. Only a few run at once: each takes 32 MiB and a core, and a storm of logins must not
 * take the machine.
 *
 * @module
 */

import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { DomainError } from "@/domain/error.ts";

/** scrypt's cost: N = 2^log2N iterations over blocks of 128 · r bytes, p times. */
export interface ScryptCost {
  log2N: number;
  r: number;
  p: number;
}

/** OWASP's row for 32 MiB; about 0.25 s on one core. */
export const DEFAULT_COST: ScryptCost = { log2N: 15, r: 8, p: 3 };

export interface PasswordCheck {
  isMatch: boolean;
  /** The stored hash was made at another cost: store a new one while the password is at hand. */
  needsRehash: boolean;
}

/** Hashes and verifies passwords. Both fail with `SERVICE_UNAVAILABLE` when too many wait. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Verifies against a stored hash; null (unknown user) does the same work and never matches. */
  verify(password: string, stored: string | null): Promise<PasswordCheck>;
}

export interface PasswordsOptions {
  cost?: ScryptCost;
  concurrencyMax?: number;
  queueMax?: number;
  /** Computes the digest; scrypt unless a test looks at how much work is done. */
  derive?: typeof deriveByScrypt;
}

/** Two hashes at once leave the event loop its share of a small machine, in 64 MiB. */
const CONCURRENCY_MAX = 2;
/** The last one waits about 6 s; whoever comes later is told so at once. */
const QUEUE_MAX = 50;
const QUEUE_RETRY_SECONDS = 5;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Refuses stored parameters that could only come from a damaged row. */
const LOG2_N_MAX = 20;

interface Hash {
  cost: ScryptCost;
  salt: Uint8Array;
  digest: Uint8Array;
}

/** Makes the hasher; `cost` is lowered by tests only. */
export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const { cost = DEFAULT_COST, concurrencyMax = CONCURRENCY_MAX, queueMax = QUEUE_MAX } = options;
  const derive = options.derive ?? deriveByScrypt;
  const run = limitConcurrency(concurrencyMax, queueMax);
  const nobody: Hash = { cost, salt: randomBytes(SALT_BYTES), digest: randomBytes(HASH_BYTES) };
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return encode({ cost, salt, digest: await run(() => derive(password, salt, cost)) });
    },
    async verify(password, stored) {
      const hash = stored === null ? nobody : decode(stored);
      const digest = await run(() => derive(password, hash.salt, hash.cost));
      const isMatch = timingSafeEqual(digest, hash.digest) && hash !== nobody;
      return { isMatch, needsRehash: isMatch && !isSameCost(hash.cost, cost) };
    },
  };
}

function deriveByScrypt(
  password: string,
  salt: Uint8Array,
  cost: ScryptCost,
): Promise<Uint8Array> {
  const options: ScryptOptions = {
    N: 2 ** cost.log2N,
    r: cost.r,
    p: cost.p,
    // Twice the table, since the limit counts the work area besides.
    maxmem: 2 * 128 * 2 ** cost.log2N * cost.r + 1024 * 1024,
  };
  return new Promise((resolve, reject) => {
    // The same letters typed on two keyboards may come composed or not.
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function isSameCost(a: ScryptCost, b: ScryptCost): boolean {
  return a.log2N === b.log2N && a.r === b.r && a.p === b.p;
}

function encode(hash: Hash): string {
  const { cost, salt, digest } = hash;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replaceAll("=", "");
  return `$scrypt$ln=${cost.log2N},r=${cost.r},p=${cost.p}$${text(salt)}$${text(digest)}`;
}

const ENCODED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

function decode(stored: string): Hash {
  const match = ENCODED.exec(stored);
  const cost = { log2N: Number(match?.[1]), r: Number(match?.[2]), p: Number(match?.[3]) };
  if (!match || cost.log2N > LOG2_N_MAX) {
    throw new TypeError("Cannot read the stored password hash: it is not scrypt text");
  }
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
  return { cost, salt: bytes(match[4]!), digest: bytes(match[5]!) };
}

type Run = <T>(work: () => Promise<T>) => Promise<T>;

function limitConcurrency(concurrencyMax: number, queueMax: number): Run {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < concurrencyMax) running += 1;
    else await enqueue(waiting, queueMax);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place goes straight to the next in line, so that `running` does not change.
      if (next) next();
      else running -= 1;
    }
  };
}

function enqueue(waiting: (() => void)[], queueMax: number): Promise<void> {
  if (waiting.length >= queueMax) {
    throw new DomainError(
      "SERVICE_UNAVAILABLE",
      "Cannot check the password: too many are signing in",
      { retryAfterSeconds: QUEUE_RETRY_SECONDS },
    );
  }
  return new Promise((resolve) => waiting.push(resolve));
}
