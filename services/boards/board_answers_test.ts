import { assertEquals, assertThrows } from "@std/assert";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { BoardQuery } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";
import { ANONYMOUS, DIRECT_RULES, userActor } from "@/tests/support/board_fixture.ts";
import { createFakeBoards, type FakeBoards, fakeId } from "@/tests/support/fake_boards.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createBoardAnswers } from "./board_answers.ts";
import { answerBoard } from "./board_window.ts";

const NAMES = ["Ann", "Bea", "Cem", "Dee", "Eve", "Fay", "Gus", "Hal"];
const names = fc.constantFrom(...NAMES);
const ANN = userActor(fakeId("u", "Ann"));

/** Few scores and times, so that ties are common. */
const changes = fc.oneof(
  { weight: 6, arbitrary: fc.record({ name: names, score: fc.option(fc.nat(2)) }) },
  { weight: 1, arbitrary: fc.record({ withdraw: names }) },
  { weight: 1, arbitrary: fc.record({ rename: names, to: fc.string({ minLength: 1 }) }) },
  { weight: 1, arbitrary: fc.constant({ touch: true } as const) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ status: fc.constantFrom("final", "published") }) },
);
type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

const queries: fc.Arbitrary<BoardQuery> = fc.constantFrom<BoardQuery[]>(
  {},
  { top: 2 },
  { page: 2, page_size: 3 },
  { around: "me" },
  { around: "me", page_size: 2 },
  { around: fakeId("p", "Bea") },
  { division: "juniors" },
);

function setUp() {
  const time = createManualTime();
  const boards = createFakeBoards(time);
  for (const name of NAMES) boards.score(name, 1);
  const apply = (change: Change): void => {
    if ("name" in change) boards.score(change.name, change.score);
    else if ("withdraw" in change) boards.withdraw(change.withdraw);
    else if ("rename" in change) boards.rename(change.rename, change.to);
    else if ("touch" in change) boards.touch();
    else if ("waitMs" in change) time.advance(change.waitMs);
    else boards.change({ status: change.status as "final" | "published" });
  };
  return { time, boards, apply };
}

Deno.test("createBoardAnswers() gives the bytes of a fresh answer after any changes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(changes, fc.array(queries, { maxLength: 4 }))), (steps) => {
      const { boards, apply } = setUp();
      const answers = createBoardAnswers();

      for (const [change, asked] of steps) {
        apply(change);
        for (const query of [...asked, ...asked]) {
          assertEquals(
            read(() => answers.of(ANN, boards.current, query).text()),
            fresh(boards, query),
          );
        }
      }
    }),
  );
});

Deno.test("answerBoard() gives as many rows around somebody as were asked for, theirs in the middle", () => {
  const { boards, time } = setUp();
  for (const [index, name] of NAMES.entries()) {
    time.advance(1);
    boards.score(name, 100 - index);
  }
  const namesAround = (around: string, page_size?: number) => {
    const query = { around, ...(page_size ? { page_size } : {}) };
    const { board } = answerBoard(userActor(fakeId("u", "Dee")), boards.current, query);
    return board.rows.map(({ name }) => name).join(" ");
  };

  for (const around of ["me", fakeId("p", "Dee")]) {
    assertEquals(namesAround(around, 1), "Dee");
    assertEquals(namesAround(around, 2), "Dee Eve");
    assertEquals(namesAround(around, 3), "Cem Dee Eve");
    assertEquals(namesAround(around), NAMES.join(" "));
  }
  assertEquals(namesAround(fakeId("p", "Ann"), 3), "Ann Bea");
});

function fresh({ current }: FakeBoards, query: BoardQuery): string {
  return read(() => {
    const { board, meta } = answerBoard(ANN, current, query);
    return JSON.stringify({ success: true, data: board, ...(meta && { meta }) });
  });
}

/** What is answered, or the code of the refusal. */
function read(answer: () => string): string {
  try {
    return answer();
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

Deno.test("createBoardAnswers() shares a text while the board stands still, and its compression", async () => {
  const { boards } = setUp();
  const answers = createBoardAnswers();

  const [first, again] = [
    answers.of(ANN, boards.current, {}),
    answers.of(ANONYMOUS, boards.current, {}),
  ];
  const mine = answers.of(ANN, boards.current, { around: "me" });
  boards.score("Ann", 7);
  const later = answers.of(ANN, boards.current, {});

  assertEquals([first === again, first === mine, first === later], [true, false, false]);
  assertEquals(first.tag === later.tag, false);
  assertEquals(gunzipSync(await later.gzip()).toString(), later.text());
  assertEquals(later.byteLength, new TextEncoder().encode(later.text()).length);
});

Deno.test("a walk by cursor meets whoever does not move exactly once, whatever moves meanwhile", () => {
  const chains = fc.constantFrom([], ["fewest_events" as const], ["earliest_join" as const]);
  fc.assert(
    fc.property(
      chains,
      fc.array(changes),
      fc.array(fc.array(changes, { maxLength: 3 })),
      fc.integer({ min: 1, max: 3 }),
      (tieBreaks, before, between, pageSize) => {
        const time = createManualTime();
        const boards = createFakeBoards(time, { rules: { ...DIRECT_RULES, tieBreaks } });
        const { apply } = appliesTo(boards, time);
        for (const name of NAMES) boards.score(name, 1);
        before.forEach(apply);
        const listed = idsOf(boards);
        const moved = new Set<string>();
        const seen: string[] = [];

        let cursor: string | null | undefined;
        for (let step = 0; cursor !== null; step++) {
          const query = {
            "page_size": pageSize,
            ...(cursor === undefined ? { page: 1 } : { cursor }),
          };
          const { board, meta } = answerBoard(ANONYMOUS, boards.current, query);
          seen.push(...board.rows.map(({ participantId }) => participantId));
          cursor = meta!.nextCursor;
          for (const change of between[step] ?? []) {
            if ("name" in change) moved.add(fakeId("p", change.name));
            if ("withdraw" in change) moved.add(fakeId("p", change.withdraw));
            if ("rename" in change) continue;
            apply(change);
          }
        }

        const still = listed.filter((id) => !moved.has(id));
        assertEquals(seen.filter((id) => still.includes(id)), still);
      },
    ),
  );
});

function appliesTo(boards: FakeBoards, time: ReturnType<typeof createManualTime>) {
  return {
    apply(change: Change): void {
      if ("name" in change) boards.score(change.name, change.score);
      else if ("withdraw" in change) boards.withdraw(change.withdraw);
      else if ("touch" in change) boards.touch();
      else if ("waitMs" in change) time.advance(change.waitMs);
    },
  };
}

function idsOf({ current }: FakeBoards): string[] {
  return current.rows(0, 100).map(({ participantId }) => participantId);
}

Deno.test("answerBoard() refuses cursors that were not given, or under other rules", () => {
  const { boards } = setUp();
  const page = answerBoard(ANONYMOUS, boards.current, { page_size: 2 });
  const cursor = page.meta!.nextCursor!;
  boards.change({ rules: { ...DIRECT_RULES, version: 2 } });

  for (const bad of ["x", "", "W10", cursor]) {
    const error = assertThrows(
      () => answerBoard(ANONYMOUS, boards.current, { cursor: bad }),
      DomainError,
    );
    assertEquals([error.code, error.details?.[0]?.field], ["VALIDATION_ERROR", "cursor"]);
  }
});

Deno.test("answerBoard() puts a division's rows and ranks by themselves", () => {
  const { boards } = setUp();
  boards.enter("Ann", "juniors");
  boards.enter("Bea", "juniors");
  boards.score("Cem", 9);
  boards.score("Bea", 5);

  const { board } = answerBoard(ANONYMOUS, boards.current, { division: "juniors" });
  const around = answerBoard(ANN, boards.current, { around: "me", division: "juniors" }).board;
  const nobody = answerBoard(ANONYMOUS, boards.current, { division: "seniors" }).board;

  assertEquals(board.rows.map(({ name, rank }) => `${rank} ${name}`), ["1 Bea", "2 Ann"]);
  assertEquals([board.total, around.total, nobody.total], [2, 2, 0]);
  assertEquals(around.me?.rank, 2);
});
