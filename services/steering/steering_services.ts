/** The services by which staff steer competitions and everybody understands a rank, wired. */

import { z } from "zod";
import type { Metrics } from "@/platform/metrics.ts";
import type { Signer } from "@/platform/signing.ts";
import { MINUTE_MS } from "@/domain/time.ts";
import type { ActivityScores } from "../activity/activity_scores.ts";
import { type AnnouncementsService, createAnnouncementsService } from "./announcements.ts";
import { type CorrectionsService, createCorrectionsService } from "./corrections.ts";
import { createExplanationsService, type ExplanationsService } from "./explanations.ts";
import { createExportsService, type ExportsService } from "./exports.ts";
import { jobKind } from "../jobs/job_kinds.ts";
import type { JobsService } from "../jobs/jobs.ts";
import {
  createLifecycleService,
  type FinaliseBlockers,
  type LifecycleService,
} from "./lifecycle.ts";
import type { LiveService } from "../live/live.ts";
import type { EntryFees } from "../money/entry_fees.ts";
import type { NoticesService } from "../notices.ts";
import { createResultsService, type ResultsService } from "./results.ts";
import { createRulePreviewService, type RulePreviewService } from "../competitions/rule_preview.ts";
import { createRuleVersionsService, type RuleVersionsService } from "./rule_versions.ts";
import type { ScoresWriter } from "../leaderboard/scores.ts";
import type { Settlement } from "../money/settlement.ts";
import type { SteeringDeps } from "./steering.ts";
import { createTeamBoards } from "../teams/team_boards.ts";
import { createTeamsService, type TeamsService } from "../teams/teams.ts";
import type { Timetable } from "../competitions/timetable.ts";
import { registerTurns } from "../competitions/turns.ts";

/** What routes and pages call. */
export interface SteeringServices {
  corrections: CorrectionsService;
  lifecycle: LifecycleService;
  results: ResultsService;
  ruleVersions: RuleVersionsService;
  rulePreviews: RulePreviewService;
  announcements: AnnouncementsService;
  explanations: ExplanationsService;
  exports: ExportsService;
  teams: TeamsService;
}

export interface SteeringServicesDeps extends SteeringDeps {
  scores: ScoresWriter;
  activityScores: ActivityScores;
  live: LiveService;
  jobs: Pick<JobsService, "handle" | "schedule">;
  notices: NoticesService;
  entryFees: EntryFees;
  timetable: Timetable;
  settlement: Settlement;
  signer: Signer;
  metrics: Pick<Metrics, "businessEvents">;
  /** What else keeps a result from being final: one for each service that leaves work open. */
  blockers: readonly FinaliseBlockers[];
}

/** Enters planned freezes in the log; boards stand still at the planned time without it. */
const freezeJob = jobKind({ name: "competition.freeze_due", payload: z.object({}) });

export function createSteeringServices(deps: SteeringServicesDeps): SteeringServices {
  const results = createResultsService(deps);
  const teamBoards = createTeamBoards(deps);
  const lifecycle = createLifecycleService({ ...deps, results });
  deps.jobs.handle(freezeJob, async () => {
    const entered = await lifecycle.freezeDue(deps.clock.now());
    if (entered > 0) deps.metrics.businessEvents.inc({ event: "board_frozen" }, entered);
  });
  deps.jobs.schedule({ name: freezeJob.name, kind: freezeJob, payload: {}, everyMs: MINUTE_MS });
  registerTurns({ ...deps, lifecycle }, deps.jobs);
  return {
    corrections: createCorrectionsService({ ...deps, results }),
    lifecycle,
    results,
    ruleVersions: createRuleVersionsService(deps),
    rulePreviews: createRulePreviewService(deps),
    announcements: createAnnouncementsService(deps),
    explanations: createExplanationsService(deps),
    exports: createExportsService({ ...deps, teamBoards }),
    teams: createTeamsService({ ...deps, teamBoards }),
  };
}
