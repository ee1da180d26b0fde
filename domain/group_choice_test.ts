import { assertEquals, assertThrows } from "@std/assert";
import { DomainError } from "./error.ts";
import { checkOwnChoice, chooseDivision } from "./group_choice.ts";
import { findTeamFault } from "./team_rule.ts";
import { DIRECT, STEPS } from "@/tests/support/competition_log.ts";

const CUP = { name: "Cup", status: "published" as const, startsAt: 100, endsAt: 200 };

/** The code that refuses, or none. */
function codeOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

Deno.test("chooseDivision() takes the wanted, else the former that is still there", () => {
  const divisions = ["juniors", "seniors"];
  const choose = (wanted: string | undefined, former: string | null) =>
    chooseDivision(divisions, { wanted, former });

  assertEquals(choose("juniors", "seniors"), "juniors");
  assertEquals(choose(undefined, "seniors"), "seniors");
  assertThrows(() => choose(undefined, "veterans"), DomainError, "juniors, seniors");
  assertThrows(() => choose("veterans", "seniors"), DomainError, "no division");
  assertEquals(chooseDivision([], { wanted: undefined, former: "seniors" }), null);
});

Deno.test("checkOwnChoice() lets divisions be changed until the start, teams as their rule says", () => {
  const at = (what: "division" | "team", now: number, moves: "any_time" | "before_start") =>
    codeOf(() => checkOwnChoice(what, { ...CUP, teams: { moves } }, now));

  assertEquals([99, 100].map((now) => at("division", now, "any_time")), ["", "CHOICE_LOCKED"]);
  assertEquals([199, 200].map((now) => at("team", now, "any_time")), ["", "CHOICE_LOCKED"]);
  assertEquals([99, 100].map((now) => at("team", now, "before_start")), ["", "CHOICE_LOCKED"]);
  const over = { ...CUP, status: "final" as const };
  assertEquals(codeOf(() => checkOwnChoice("team", over, 50)), "CHOICE_LOCKED");
});

Deno.test("findTeamFault() refuses sums and averages that mean nothing", () => {
  const lower = { ...DIRECT, direction: "lower" as const };
  const averages = { ...STEPS, aggregate: "average_per_day" as const };
  const fieldOf = (...given: Parameters<typeof findTeamFault>) =>
    findTeamFault(...given)?.details?.[0]?.field;

  assertEquals(fieldOf({ score: "average" }, lower), "teams.score");
  assertEquals(fieldOf({ score: "average" }, averages), "teams.score");
  assertEquals(fieldOf({ score: "sum" }, averages), undefined);
  assertEquals(fieldOf({ score: "best", count: 5, maxMembers: 4 }, DIRECT), "teams.count");
  assertEquals(fieldOf({ score: "best", count: 4, maxMembers: 4 }, lower), undefined);
});
