/**
 * Competitions: their life, their participants, their log.
 *
 * @module
 */

import type {
  CancelRequest,
  Competition,
  CompetitionChange,
  CompetitionInput,
  CompetitionQuery,
  CompetitionView,
  Entry,
  JoinRequest,
  Log,
  LogQuery,
  Participant,
  ParticipantQuery,
} from "@/contracts/competitions.ts";
import type { EntryCheck, EntryQuery } from "@/contracts/entry_check.ts";
import type { Page } from "@/contracts/envelope.ts";
import type { CloneRequest } from "@/contracts/rules.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { OrderedEntry } from "@/domain/entry_condition.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { RateLimiter } from "@/platform/rate_limit.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import type { CompetitionDirectory } from "./competition_directory.ts";
import { cloneCompetition } from "./competition_clone.ts";
import { createCompetitionEditor } from "./competition_editor.ts";
import { createCompetitionEntries } from "./competition_entries.ts";
import type { CompetitionLogService, LockedCompetition } from "../leaderboard/competition_log.ts";
import type { EntryFees } from "../money/entry_fees.ts";
import type { InviteCodes } from "./invite_codes.ts";
import type { NoticesService } from "../notices.ts";
import type { SeriesPlan } from "./series.ts";
import type { SettingsService } from "../settings.ts";
import type { Timetable } from "./timetable.ts";
import { createCompetitionReader } from "./competition_reader.ts";

export interface CompetitionsService {
  /** Makes a draft; organisers and admins. Fails with `SLUG_TAKEN`, `VALIDATION_ERROR` (times). */
  create(actor: Actor, input: CompetitionInput): Promise<Competition>;
  /** Fails with `RULES_LOCKED` (scoring, rank, ties, start, zone after publishing), `COMPETITION_FULL` (capacity below entries), `ALREADY_FINAL`. */
  change(actor: Actor, idOrSlug: string, change: CompetitionChange): Promise<Competition>;
  /** Locks the rules and opens registration. Fails with `ALREADY_PUBLISHED`, `ALREADY_ENDED`. */
  publish(actor: Actor, idOrSlug: string): Promise<Competition>;
  /** Fails with `ALREADY_FINAL`, `COMPETITION_CANCELLED`. */
  cancel(actor: Actor, idOrSlug: string, request: CancelRequest): Promise<Competition>;
  /** Removes a draft for good. Fails with `ALREADY_PUBLISHED`. */
  remove(actor: Actor, idOrSlug: string): Promise<void>;
  /** Public ones, own ones and joined ones; staff see all. */
  list(actor: Actor, query: CompetitionQuery): Promise<Page<Competition>>;
  /** By id or slug. Drafts only for their staff; invite ones for staff and participants. Fails with `NOT_FOUND`, `FORBIDDEN`. */
  get(actor: Actor, idOrSlug: string): Promise<CompetitionView>;
  /** Enters the actor, and charges the wallet where entering costs something. `created` is false when already in. Fails with `COMPETITION_FULL`, `REGISTRATION_CLOSED`, `NOT_PUBLISHED`, `COMPETITION_CANCELLED`, `FORBIDDEN` (wrong invite code), `ENTRY_REFUSED` (conditions), `PARTICIPANT_DISQUALIFIED`, `INSUFFICIENT_FUNDS` (entry fee). */
  join(
    actor: Actor,
    idOrSlug: string,
    request: JoinRequest,
  ): Promise<{ entry: Entry; created: boolean }>;
  /** Enters somebody whose order is paid at the gateway, with what was shown then, charging the wallet; fails like `join`. */
  joinPaid(userId: string, competitionId: string, ordered: OrderedEntry | null): Promise<void>;
  /** Every condition of entering, with its verdict for the actor. Fails with `NOT_FOUND`, `UNAUTHORIZED`, `FORBIDDEN`. */
  entryCheck(actor: Actor, idOrSlug: string, query: EntryQuery): Promise<EntryCheck>;
  /** Fails like `join` would now, without entering; gives the competition, and what an order keeps of the request. */
  checkJoin(
    actor: Actor,
    idOrSlug: string,
    request: JoinRequest,
  ): Promise<{
    competition: Pick<LockedCompetition, "id" | "name" | "entryFee">;
    ordered: OrderedEntry;
  }>;
  /** Copies a competition as a new draft of the actor; who manages it. Fails as `create`, with `NOT_FOUND`, `FORBIDDEN`. */
  clone(actor: Actor, idOrSlug: string, request: CloneRequest): Promise<Competition>;
  /** Withdraws the actor. Fails with `NOT_A_PARTICIPANT`, `ALREADY_FINAL`. */
  leave(actor: Actor, idOrSlug: string): Promise<void>;
  /** Whoever may see the board. */
  participants(actor: Actor, idOrSlug: string, query: ParticipantQuery): Promise<Page<Participant>>;
  /** The hash-chained log; whoever may see the board. */
  log(actor: Actor, idOrSlug: string, query: LogQuery): Promise<Log>;
}

export interface CompetitionsDeps {
  database: Database;
  log: CompetitionLogService;
  boards: BoardsService;
  directory: CompetitionDirectory;
  audit: AuditService;
  activityScores: ActivityScores;
  entryFees: EntryFees;
  notices: Pick<NoticesService, "tellParticipants">;
  timetable: Timetable;
  seriesPlan: SeriesPlan;
  /** The platform's cut of entry fees. */
  settings: Pick<SettingsService, "current">;
  clock: Clock;
  newId: IdGenerator;
  /** Counts guesses of invite codes. */
  limiter: RateLimiter;
  inviteCodes: InviteCodes;
  /** Makes invite codes: unguessable, at least 6 characters. */
  newInviteCode: () => string;
}

export function createCompetitionsService(deps: CompetitionsDeps): CompetitionsService {
  const editor = createCompetitionEditor(deps);
  return {
    ...createCompetitionReader(deps),
    ...editor,
    ...createCompetitionEntries(deps),
    clone: (actor, idOrSlug, request) =>
      cloneCompetition(deps, editor, actor, { idOrSlug, request }),
  };
}
