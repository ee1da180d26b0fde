import { assertEquals, assertRejects } from "@std/assert";
import { DomainError } from "@/domain/error.ts";
import type { BoardQuery } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { createBoardsService } from "@/services/boards/boards.ts";
import { createLeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import { createLocalRanking } from "@/services/boards/local_ranking.ts";
import { answerFromRanking } from "@/services/boards/ranked_board.ts";
import type { Ranking } from "@/services/boards/ranking.ts";
import { createRankingFeed } from "@/services/boards/ranking_feed.ts";
import {
  ANONYMOUS,
  type BoardFixture,
  createBoardFixture,
  keyActor,
  userActor,
} from "@/tests/support/board_fixture.ts";
import { addMembers } from "@/tests/support/large_board.ts";

const KEY = keyActor("scores:write");

/** A node over the fixture's database; `hold` makes its readings of boards wait. */
function openNode(fixture: BoardFixture, ranking: Ranking) {
  const { database, time } = fixture;
  const feed = createRankingFeed({ ranking, timers: time, membersMin: 10 });
  const boards = createBoardsService({ database, clock: time, timers: time, rankingFeed: feed });
  const leaderboard = createLeaderboardService({ ...fixture, boards, ranking });
  const read = (actor: Actor, id: string, query: BoardQuery) =>
    answerFromRanking({ database, ranking, clock: time }, actor, id, query);
  return { feed, boards, leaderboard, read };
}

Deno.test("a node that does not hold a board answers from the ranking as the board would", async () => {
  await using fixture = await createBoardFixture();
  const ranking = createLocalRanking();
  const [warm, cold] = [openNode(fixture, ranking), openNode(fixture, ranking)];
  const competitionId = await fixture.addCompetition();
  await addMembers(fixture.database, competitionId, { from: 0, to: 40 });
  const ann = await fixture.addParticipant(competitionId, "Ann");
  await warm.boards.view(competitionId);
  const update = (score: number) =>
    warm.leaderboard.update(KEY, { competitionId, userId: ann.userId, score });
  await update(500_000);
  await update(600_000);
  await warm.feed.settled();
  const me = userActor(ann.userId);
  const slug = `cup-${competitionId}`;

  const asked: [Actor, BoardQuery][] = [
    [ANONYMOUS, {}],
    [ANONYMOUS, { top: 3 }],
    [me, { around: "me" }],
    [ANONYMOUS, { around: ann.participantId }],
  ];
  for (const [actor, query] of asked) {
    const ranked = await cold.read(actor, slug, query);
    assertEquals(ranked, await warm.leaderboard.board(actor, competitionId, query));
  }
  const isHeld = cold.boards.holds(competitionId);
  const text = await cold.leaderboard.boardText(ANONYMOUS, competitionId, {});
  const loaded = await cold.boards.view(competitionId);

  assertEquals(isHeld, false);
  assertEquals(JSON.parse(text.text()).data.rows, loaded.rows(0, 100));
  assertEquals(text.tag, (await warm.leaderboard.board(ANONYMOUS, competitionId, {})).tag);
});

Deno.test("a ranking that does not stand where the database does is not believed", async () => {
  await using fixture = await createBoardFixture();
  const ranking = createLocalRanking();
  const node = openNode(fixture, ranking);
  const competitionId = await fixture.addCompetition();
  await addMembers(fixture.database, competitionId, { from: 0, to: 20 });
  const never = await node.read(ANONYMOUS, competitionId, {});
  await node.boards.view(competitionId);
  await node.feed.settled();
  const there = await node.read(ANONYMOUS, competitionId, {});

  // Another node, without a ranking, writes.
  const ann = await fixture.addParticipant(competitionId, "Ann");
  const behind = await node.read(ANONYMOUS, competitionId, {});
  await node.boards.committed(competitionId);
  await node.feed.settled();
  const caughtUp = await node.read(ANONYMOUS, competitionId, {});
  const others = [{ page: 1 }, { division: "x" }, { around: ann.userId }, {
    around: "me" as const,
  }];
  const left = await Promise.all(others.map((query) => node.read(ANONYMOUS, competitionId, query)));

  assertEquals([never, behind], [undefined, undefined]);
  assertEquals([there?.board.total, caughtUp?.board.total], [20, 21]);
  assertEquals(left, [undefined, undefined, undefined, undefined]);
});

Deno.test("a node without its ranking answers from the board, refusals too", async () => {
  await using fixture = await createBoardFixture();
  const away: Ranking = {
    ...createLocalRanking(),
    window: () => Promise.reject(new DomainError("SERVICE_UNAVAILABLE", "Cannot reach Redis")),
  };
  const node = openNode(fixture, away);
  const competitionId = await fixture.addCompetition();
  const draft = await fixture.addCompetition({ status: "draft" });
  const { participantId } = await fixture.addParticipant(competitionId, "Ann");

  const text = await node.leaderboard.boardText(ANONYMOUS, competitionId, {});

  assertEquals(JSON.parse(text.text()).data.rows[0].participantId, participantId);
  for (const id of [draft, crypto.randomUUID()]) {
    const error = await assertRejects(
      () => node.leaderboard.boardText(ANONYMOUS, id, {}),
      DomainError,
    );
    assertEquals(error.code, "NOT_FOUND");
  }
});
