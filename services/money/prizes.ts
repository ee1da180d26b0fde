/**
 * Prizes: previewed by the function that pays them, paid once each. A distribution is decided in
 * one transaction (who gets what, fixed from then on), paid in batches, and settled in a last one;
 * whoever calls it again goes on where the last one stopped.
 *
 * @module
 */

import type {
  PrizeDecision,
  PrizeDistribution,
  PrizePreview,
  PrizeQuery,
  PrizeResult,
} from "@/contracts/prizes.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import type { Clock } from "@/platform/clock.ts";
import type { IdGenerator } from "@/platform/id.ts";
import type { AuditService } from "../audit.ts";
import type { BoardsService } from "../boards/boards.ts";
import { getRow } from "../competitions/competition_access.ts";
import type { CompetitionLogService } from "../leaderboard/competition_log.ts";
import type { LedgerService } from "./ledger.ts";
import type { NoticesService } from "../notices.ts";
import { distribute, resumeDistributions } from "./prize_distribution.ts";
import { checkForesees, previewPrizes } from "./prize_preview.ts";
import { clawBackPrize, readDistribution, readPrizes } from "./prize_results.ts";
import type { Settlement } from "./settlement.ts";

export interface PrizesService {
  /** What distributing would pay now, with its explanation; who manages the competition, and finance. Fails with `NO_PRIZES`. */
  calculate(actor: Actor, idOrSlug: string): Promise<PrizePreview>;
  /**
   * Pays the prizes of a final result; finance and admins, audited. Where the plan wants two
   * approvals the first call asks and another person's call pays. Again it goes on, or answers what
   * was done. Fails with `NOT_FINAL`, `NO_PRIZES`.
   */
  distribute(actor: Actor, idOrSlug: string, decision: PrizeDecision): Promise<PrizeDistribution>;
  /** What was decided and paid, with the proof of the split; whoever may see the board. Fails with `NOT_FOUND` before. */
  get(actor: Actor, idOrSlug: string, query: PrizeQuery): Promise<PrizeResult & { total: number }>;
  /** How far the distribution is; null before anybody asked for it. Who manages the competition, and finance. */
  progress(actor: Actor, idOrSlug: string): Promise<PrizeDistribution | null>;
  /** Takes the prizes of a disqualified participant back, where the plan leaves that to staff; finance, audited. */
  clawBack(
    actor: Actor,
    idOrSlug: string,
    participantId: string,
    decision: PrizeDecision,
  ): Promise<{ takenBack: number }>;
  /** Goes on with what was interrupted; for a job. Gives the competitions that were settled. */
  resumeDistributions(): Promise<string[]>;
}

export interface PrizesDeps {
  database: Database;
  clock: Clock;
  newId: IdGenerator;
  audit: AuditService;
  log: CompetitionLogService;
  boards: Pick<BoardsService, "committed">;
  ledger: LedgerService;
  notices: NoticesService;
  settlement: Settlement;
  /** Prizes paid in one transaction; `PAYOUT_BATCH` when absent. */
  payoutBatch?: number;
}

export function createPrizesService(deps: PrizesDeps): PrizesService {
  return {
    calculate: (actor, idOrSlug) => previewPrizes(deps, actor, idOrSlug),
    distribute: (actor, idOrSlug, decision) => distribute(deps, actor, idOrSlug, decision),
    async progress(actor, idOrSlug) {
      const row = await getRow(deps.database.db, idOrSlug);
      checkForesees(actor, row);
      return await readDistribution(deps.database, row.id) ?? null;
    },
    get: (actor, idOrSlug, query) => readPrizes(deps, actor, idOrSlug, query),
    clawBack: (actor, idOrSlug, participantId, decision) =>
      clawBackPrize(deps, actor, { idOrSlug, participantId, ...decision }),
    resumeDistributions: () => resumeDistributions(deps),
  };
}
