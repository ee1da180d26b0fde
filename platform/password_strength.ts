/** How hard a password is to guess, by zxcvbn: it knows common passwords, names, dates and keyboard walks. */

import { type DomainError, invalid } from "@/domain/error.ts";

export interface PasswordStrengthOptions {
  /** What others know of the person (mail address, name): worth nothing within the password. */
  userInputs?: readonly string[];
  /** The input's name in the error. */
  field?: string;
}

/** NIST SP 800-63B asks for 8; ten characters cost nobody much more. */
const LENGTH_MIN = 10;
/** zxcvbn's 0–4: 3 is over 10^8 guesses, out of reach where each costs scrypt's time. */
const SCORE_MIN = 3;
/** The estimate's time grows with the square of the length, and the first 64 characters suffice. */
const ESTIMATED_LENGTH_MAX = 64;
/** Shorter parts of a name would make every password "contain" it. */
const USER_WORD_MIN = 3;

const ADVICE: Record<string, string> = {
  common: "it is a common password",
  topTen: "it is one of the ten most common passwords",
  topHundred: "it is one of the hundred most common passwords",
  similarToCommon: "it is close to a common password",
  simpleRepeat: "it repeats one character",
  extendedRepeat: "it repeats one part",
  sequences: "it is a sequence",
  keyPattern: "it is a walk over the keyboard",
  straightRow: "it is a row of the keyboard",
  dates: "it is a date",
  recentYears: "it is mostly a year",
};

/**
 * Checks that a new password is long enough and hard to guess. Fails with `VALIDATION_ERROR`
 * about `field` (default `password`): `too_short` or `too_weak`.
 */
export async function checkPasswordStrength(
  password: string,
  options: PasswordStrengthOptions = {},
): Promise<void> {
  const { userInputs = [], field = "password" } = options;
  if (Array.from(password).length < LENGTH_MIN) {
    throw invalid(field, "too_short", `Password must have at least ${LENGTH_MIN} characters`);
  }
  const estimator = await loadEstimator();
  const known = userInputs.flatMap((text) => [text, ...wordsOf(text)]);
  const { score, feedback } = estimator.check(password.slice(0, ESTIMATED_LENGTH_MAX), known);
  if (score < SCORE_MIN) throw tooWeak(field, feedback.warning);
}

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length >= USER_WORD_MIN);
}

function tooWeak(field: string, warning: string | null): DomainError {
  const why = ADVICE[warning ?? ""] ?? "it is easy to guess";
  return invalid(field, "too_weak", `Password is too weak: ${why}; add another word or two`);
}

type Estimator = Awaited<ReturnType<typeof createEstimator>>;
let estimator: Promise<Estimator> | undefined;

/** The word lists take 30 MB and 0.1 s, which a server that nobody registers at need not spend. */
function loadEstimator(): Promise<Estimator> {
  return estimator ??= createEstimator();
}

async function createEstimator() {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
