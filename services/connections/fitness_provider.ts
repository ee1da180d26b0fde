/**
 * The port to a device maker's cloud that hands out a person's activity after they agreed to it.
 * Drivers stand in `external/`, one file each; what they give takes the way of any sync.
 *
 * A driver fails with `ProviderFault` where the provider said no, and with `SERVICE_UNAVAILABLE` or
 * `CIRCUIT_OPEN` where it could not be asked.
 *
 * @module
 */

import type { SyncRecord, SyncWorkout } from "@/contracts/fitness.ts";
import type { ConnectedProvider } from "@/contracts/connections.ts";
import type { EpochMs } from "@/domain/time.ts";

/** What a person's browser is sent to the provider with. */
export interface Authorization {
  state: string;
  /** PKCE: SHA-256 of the verifier, base64url (S256). */
  challenge: string;
  redirectUri: string;
}

/** What came back by the person's browser. */
export interface AuthorizationCode {
  code: string;
  verifier: string;
  redirectUri: string;
}

/** Tokens, and whom they are for. */
export interface Grant {
  accessToken: string;
  refreshToken: string;
  expiresAt: EpochMs;
  /** The person at the provider; null where a refresh does not repeat it. */
  accountId: string | null;
  /** What the person agreed to; null where the provider does not say. */
  scopes: readonly string[] | null;
}

/** A reading as `POST /fitness/sync` takes it. */
export type PulledRecord = Partial<SyncRecord> & { id: string };
export type PulledWorkout = Partial<SyncWorkout> & { id: string };

/** Where a pull goes on: the driver's own, plain JSON. */
export type PullCursor = Record<string, string | number | null>;

/** What to pull. */
export interface PullRequest {
  accessToken: string;
  /** Null at the first pull. */
  cursor: PullCursor | null;
  /** How far back the first pull goes. */
  since: EpochMs;
  now: EpochMs;
  signal?: AbortSignal;
}

/** One page of a pull; once it is stored, the cursor is too. */
export interface PulledPage {
  records: PulledRecord[];
  workouts: PulledWorkout[];
  /** Where the next page, or the next pull, begins. */
  next: PullCursor;
  isLast: boolean;
  /** Where the quota of the app is nearly used up: nothing more is asked before. */
  pauseUntil?: EpochMs;
}

/** Reads one session of a person, or null where it is gone or not to be seen. */
export interface WorkoutRequest {
  accessToken: string;
  workoutId: string;
  now: EpochMs;
  signal?: AbortSignal;
}

export interface FitnessProvider {
  /** Also the provider of its records, so that a client's push of the same record is a duplicate. */
  readonly name: ConnectedProvider;
  /** What people call it. */
  readonly title: string;
  /** The least that is asked for. */
  readonly scopes: readonly string[];
  authorizationUrl(authorization: Authorization): string;
  /** Fails with `ProviderFault` `unauthorised` where the code is used, expired or not ours. */
  exchange(code: AuthorizationCode): Promise<Grant>;
  /** Fails with `ProviderFault` `unauthorised` where the person has taken the access back. */
  refresh(refreshToken: string): Promise<Grant>;
  /** Ends the access at the provider; done where it has ended already. */
  revoke(tokens: { accessToken: string; refreshToken: string }): Promise<void>;
  pull(request: PullRequest): Promise<PulledPage>;
  /** Absent where the provider sends no events about single sessions. */
  readWorkout?(request: WorkoutRequest): Promise<PulledWorkout | null>;
}
