/** All services, wired. */

import type { AccountsService } from "./accounts.ts";
import type { AuditService } from "./audit.ts";
import type { BoardsService } from "./boards.ts";
import type { CompetitionsService } from "./competitions.ts";
import type { DemoService } from "./demo.ts";
import type { FitnessService } from "./fitness.ts";
import type { LeaderboardService } from "./leaderboard.ts";
import type { LiveService } from "./live.ts";
import type { OverviewService } from "./overview.ts";
import type { UsersService } from "./users.ts";

/** What routes and pages call. */
export interface Services {
  accounts: AccountsService;
  users: UsersService;
  audit: AuditService;
  competitions: CompetitionsService;
  leaderboard: LeaderboardService;
  boards: BoardsService;
  live: LiveService;
  fitness: FitnessService;
  overview: OverviewService;
  demo: DemoService;
}
