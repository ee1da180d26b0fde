import type { ProgressOfAthlete } from "@/contracts/progress.ts";
import { amountFormatOf, groupDigits, scoreText, type WireScoring } from "../score_text.ts";

interface Props {
  progress: ProgressOfAthlete;
  scoring: WireScoring;
}

/** How far somebody has come: the way to a target, the running streak, today's goal. */
export function ProgressFigures({ progress, scoring }: Props) {
  const lines = linesOf(progress, scoring);
  if (lines.length === 0) return null;
  const { target } = progress;
  return (
    <div class="stack-tight">
      {target
        ? (
          <progress class="track" max={100} value={target.percent} aria-label="Way to the target">
            {target.percent} %
          </progress>
        )
        : null}
      <ul class="progress-lines">
        {lines.map((line) => <li key={line}>{line}</li>)}
      </ul>
    </div>
  );
}

/** The progress in words; nothing for rules without a goal, or before anything counts.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linesOf } from "@/components/activity/ProgressFigures.tsx";
 *
 * const scoring = {
 *   kind: "activity" as const,
 *   metric: "steps" as const,
 *   aggregate: "streak_days" as const,
 *   direction: "higher" as const,
 *   manualPolicy: "exclude" as const,
 * };
 * const progress = {
 *   competitionId: "a",
 *   participantId: "b",
 *   days: { total: 7, begun: 3, left: 5 },
 *   today: { day: "2026-05-03", amount: 20, goal: 100, missing: 80 },
 *   pace: null,
 *   target: null,
 *   streak: { current: 2, longest: 2, isAtRisk: true },
 *   goal: { reached: 2, begun: 3, reachable: 7 },
 * };
 * assertEquals(linesOf(progress, scoring), [
 *   "Streak of 2 days; it ends with today unless the goal is reached",
 *   "2 of 3 days at the goal; 7 are possible",
 *   "Today 20\u00a0steps of 100\u00a0steps",
 * ]);
 * ```
 */
export function linesOf(progress: ProgressOfAthlete, scoring: WireScoring): string[] {
  const format = amountFormatOf(scoring);
  const amount = (value: number) => scoreText(value, format);
  return [
    ...targetLines(progress, amount),
    ...streakLines(progress),
    ...goalLines(progress),
    ...todayLines(progress, amount),
  ];
}

type Amount = (value: number) => string;

function targetLines({ target, pace }: ProgressOfAthlete, amount: Amount): string[] {
  if (!target) return [];
  const way = `${amount(target.amount)} of ${amount(target.target)}, ${target.percent} %`;
  if (target.isReached) return [`${way}: reached`];
  const { neededPerDay, expectedOn } = target;
  return [
    way,
    ...(neededPerDay === null ? [] : [`${amount(neededPerDay)} a day reach it in time`]),
    ...(pace === null || pace.perDay === 0 ? [] : [
      expectedOn === null
        ? `At your ${amount(pace.perDay)} a day you come to ${amount(pace.projected)}`
        : `At your ${amount(pace.perDay)} a day you reach it on ${expectedOn}`,
    ]),
  ];
}

function streakLines({ streak }: ProgressOfAthlete): string[] {
  if (!streak) return [];
  const { current, longest, isAtRisk } = streak;
  if (current === 0) return longest === 0 ? [] : [`Longest streak ${daysText(longest)}`];
  const risk = isAtRisk ? "; it ends with today unless the goal is reached" : "";
  const best = longest > current ? `, your longest ${daysText(longest)}` : "";
  return [`Streak of ${daysText(current)}${best}${risk}`];
}

function goalLines({ goal }: ProgressOfAthlete): string[] {
  if (!goal || goal.begun === 0) return [];
  const possible = goal.reachable > goal.reached ? `; ${goal.reachable} are possible` : "";
  return [`${groupDigits(goal.reached)} of ${daysText(goal.begun)} at the goal${possible}`];
}

function todayLines({ today }: ProgressOfAthlete, amount: Amount): string[] {
  if (!today || today.goal === null) return [];
  return [`Today ${amount(today.amount)} of ${amount(today.goal)}`];
}

function daysText(days: number): string {
  return days === 1 ? "1 day" : `${groupDigits(days)} days`;
}
