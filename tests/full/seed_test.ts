import { assert, assertEquals, assertMatch } from "@std/assert";
import { CompetitionQuery } from "@/contracts/competitions.ts";
import type { Database } from "@/db/client.ts";
import type { Actor } from "@/domain/actor.ts";
import { type ChainedEntry, verifyChain } from "@/domain/log_hash.ts";
import type { Rules } from "@/domain/rules.ts";
import { phaseOf } from "@/domain/competition.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import { teamStandings } from "@/domain/team_standings.ts";
import { DAY_MS } from "@/domain/time.ts";
import { createIdGenerator } from "@/platform/id.ts";
import { getLog } from "@/platform/log.ts";
import { sha256 } from "@/platform/sha256.ts";
import { createLocalGateway } from "@/external/local_gateway.ts";
import { createActivityScores } from "@/services/activity/activity_scores.ts";
import { createCompetitionLog } from "@/services/leaderboard/competition_log.ts";
import { createScoresWriter } from "@/services/leaderboard/scores.ts";
import { createTestAccounts } from "@/services/money/test_accounts.ts";
import { createTestTransfers } from "@/services/money/test_transfers.ts";
import { openTestDatabase } from "@/tests/support/database.ts";
import { assertBooksBalance } from "@/tests/support/money.ts";
import { createManualTime } from "@/tests/support/manual_time.ts";
import { createTestServices } from "@/tests/support/services.ts";
import { createUser, SYSTEM } from "@/tests/support/users.ts";
import { athleteActor, demoAthletes } from "@/tools/demo/athletes.ts";
import { PAID_SLUG, SETTLED_SLUG } from "@/tools/demo/paid_competitions.ts";
import { settlePaidStory } from "@/tools/demo/paid_story.ts";
import { pastSyncs } from "@/tools/demo/history.ts";
import { seedDemo } from "@/tools/demo/seed.ts";

const NOW = Date.UTC(2026, 4, 1, 12);

/** A node over the database, at the time of the seed. */
function createNode(database: Database) {
  const clock = createManualTime(NOW);
  const shared = { database, clock, newId: createIdGenerator(clock) };
  const log = createCompetitionLog(shared);
  const scores = createScoresWriter({ log });
  const activityScores = createActivityScores({ ...shared, log, scores });
  const transfers = createTestTransfers({ database, clock });
  const accounts = createTestAccounts({ database, clock });
  const gateway = createLocalGateway({ transfers, accounts, publicUrl: "http://localhost" });
  const services = createTestServices(database, clock, undefined, {
    ...{ gateway, testTransfers: transfers, testAccounts: accounts },
  });
  return {
    ...services,
    log,
    activityScores,
    seed: () => seedDemo({ ...shared, log: getLog("demo") }),
    settle: (adminId: string) => settlePaidStory({ database, clock, services }, adminId),
    transfers,
  };
}

interface CompetitionRow {
  id: string;
  slug: string;
  rules: Rules;
  ownerId: string;
  isDemo: boolean;
  status: "published";
  registrationOpensAt: number | null;
  registrationClosesAt: number;
  startsAt: number;
  endsAt: number;
  graceMs: number;
  lastSeq: number;
  lastHash: Uint8Array;
  participantCount: number;
  participants: number;
}

async function readCompetitions({ sql }: Database): Promise<CompetitionRow[]> {
  return await sql<CompetitionRow[]>`
    select id, slug, rules, owner_id as "ownerId", is_demo as "isDemo", status,
      registration_opens_at as "registrationOpensAt",
      registration_closes_at as "registrationClosesAt", starts_at as "startsAt",
      ends_at as "endsAt", grace_ms as "graceMs", last_seq as "lastSeq", last_hash as "lastHash",
      participant_count as "participantCount",
      (select count(*)::int from participants p
        where p.competition_id = c.id and p.status = 'active') as participants
    from competitions c order by starts_at`;
}

Deno.test("seedDemo() fills an empty database", async (t) => {
  await using test = await openTestDatabase();
  const node = createNode(test.database);

  const { adminId, isNew } = await node.seed();

  assert(isNew);
  await t.step(
    "makes five competitions of an admin and sixty athletes without passwords",
    async () => {
      const competitions = await readCompetitions(test.database);
      assertEquals(competitions.map((row) => [row.slug, phaseOf(row, NOW)]), [
        [SETTLED_SLUG, "provisional"],
        ["step-fortnight", "provisional"],
        ["riverside-distance-cup", "active"],
        ["harbour-prize-run", "registration"],
        ["plank-week", "registration"],
      ]);
      for (const { slug, ownerId, isDemo, participantCount, participants } of competitions) {
        assertEquals([ownerId, isDemo], [adminId, true]);
        if (slug === PAID_SLUG) assertEquals(participants, 0);
        else assert(participants >= 20 && participantCount === participants, `${participants}`);
      }
      const users = await test.database.sql<{ role: string; isDemo: boolean; count: number }[]>`
    select role, is_demo as "isDemo", count(*)::int as count from users
    where password_hash is null and status = 'active' group by 1, 2 order by 1`;
      assertEquals(users.map((row) => ({ ...row })), [
        { role: "admin", isDemo: false, count: 1 },
        { role: "member", isDemo: true, count: 60 },
      ]);
    },
  );

  await t.step("writes logs whose chain holds and whose replay is the stored board", async () => {
    for (const { id, slug, rules, lastSeq, lastHash } of await readCompetitions(test.database)) {
      const entries: ChainedEntry[] = await node.log.read(id, { after: 0, limit: 10_000 });
      const head = { seq: lastSeq, hash: lastHash };
      assertEquals(verifyChain(entries, sha256, { head }).ok, true);
      const replayed = standings(entries.map(({ entry }) => entry), rules);
      const view = await node.boards.view(id);
      const stored = view.rows(0, view.total);
      assertEquals(
        stored.map((row) => [row.participantId, row.score, row.rank]),
        replayed.map((row) => [row.participantId, row.score, row.rank]),
      );
      if (slug !== PAID_SLUG) assert(canonicalStandings(replayed).length > 1000);
    }
  });

  await t.step("shows teams under way and divisions, as their logs say", async () => {
    const { sql } = test.database;
    const { board } = await node.teams.board(SYSTEM, "riverside-distance-cup", {
      ...{ page: 1, page_size: 100 },
    });
    const [cup] = await sql<{ id: string; rules: Rules }[]>`
      select id, rules from competitions where slug = 'riverside-distance-cup'`;
    const entries = await node.log.read(cup!.id, { after: 0, limit: 20_000 });
    const replayed = teamStandings(entries.map(({ entry }) => entry), cup!.rules);
    assertEquals(
      board.rows.map((row) => [row.teamId, row.score, row.rank]),
      replayed.map((row) => [row.teamId, row.score, row.rank]),
    );
    assertEquals(board.rows.map(({ rank }) => rank), [1, 2, 3, 4]);
    assert(board.rows.every(({ members, score }) => members >= 8 && score! > 1000));
    const divisions = await node.teams.divisions(SYSTEM, "step-fortnight");
    assert(divisions.length === 2 && divisions.every(({ participants }) => participants > 5));
  });

  await t.step("gives the scores that the stored activity gives", async () => {
    const entries = await test.database.sql<
      { id: string; userId: string; competitionId: string }[]
    >`
    select p.id, p.user_id as "userId", p.competition_id as "competitionId"
    from participants p join competitions c on c.id = p.competition_id
    where c.rules -> 'scoring' ->> 'kind' = 'activity' and p.status = 'active'`;
    const changed = await test.database.transaction(async (tx) => {
      const locked = await node.log.lock(tx, entries.map((entry) => entry.competitionId));
      const found: string[] = [];
      for (const entry of entries) {
        const competition = locked.get(entry.competitionId)!;
        const cause = { actor: SYSTEM, reason: "recompute" };
        const rescored = await node.activityScores.rescore(tx, competition, entry, cause);
        if (rescored.changed) found.push(entry.id);
      }
      return found;
    });
    assert(entries.length > 80);
    assertEquals(changed, []);
  });

  await t.step("leaves imports as real syncs do: told again they are duplicates", async () => {
    const athlete = demoAthletes().find(({ habits }) => habits.hasWatch)!;
    const [user] = await test.database.sql<{ id: string }[]>`
    select id from users where email = ${athlete.email}`;
    const actor = athleteActor(user!.id, NOW + DAY_MS);
    const [past] = pastSyncs(athlete, { from: NOW - 20 * DAY_MS, until: NOW }).slice(-1);

    const again = await node.fitness.sync(actor, past!.request);

    const { duplicate, imported } = again.import.counts;
    assertEquals([duplicate, imported], [again.records.length, 0]);
    const { items } = await node.fitness.imports(actor, { page: 1, page_size: 100 });
    const first = await node.fitness.getImport(actor, items[1]!.id);
    assertEquals(first.records.length, first.import.counts.imported);
    assertEquals(
      again.competitions.map(({ rank: _, scoreBefore: __, ...effect }) => effect),
      first.competitions.map(({ rank: _, scoreBefore: __, ...effect }) => effect),
    );
  });

  await t.step("lies in the past only, and holds reasons why activity did not count", async () => {
    const { sql } = test.database;
    const [row] = await sql<{ newest: number; logged: number; reasons: string[] }[]>`
    select (select max(greatest(ended_at, arrived_at)) from activities) as newest,
      (select max(arrived_at) from competition_log) as logged,
      (select array_agg(distinct part ->> 'reason') from imports,
        jsonb_array_elements(competitions) effect,
        jsonb_array_elements(effect -> 'excluded') part) as reasons`;
    assert(row!.newest <= NOW && row!.logged <= NOW);
    for (const reason of ["capped", "late", "manual", "type_not_counted", "before_start"]) {
      assert(row!.reasons.includes(reason), `${reason} in ${row!.reasons}`);
    }
  });

  await t.step("tells of money from the fee to the withdrawal, in equal books", async () => {
    await node.settle(adminId);
    await node.settle(adminId);
    await checkPaidStory(node, test.database);
  });

  await t.step("adds nothing at a second start", async () => {
    assertEquals(await node.seed(), { adminId, isNew: false });
  });

  await t.step("does not bring back what was removed", async () => {
    const removed = await node.demo.remove(SYSTEM);
    const [left] = await test.database.sql<{ activities: number }[]>`
      select count(*)::int as activities from activities`;

    assertEquals(removed, { competitions: 5, users: 60 });
    assertEquals(await node.demo.exists(), false);
    await checkVoided(node, test.database);
    assertEquals(left!.activities, 0);
    assertEquals(await node.seed(), { adminId, isNew: false });
  });
});

/** Fees, one given back, prizes to the last cent, two withdrawals that wait for finance. */
async function checkPaidStory(node: ReturnType<typeof createNode>, database: Database) {
  const competition = await node.competitions.get(SYSTEM, SETTLED_SLUG);
  const { items } = await node.orders.list(SYSTEM, {
    ...{ "page": 1, "page_size": 100, competition: competition.id },
  });
  const fulfilled = items.filter(({ status }) => status === "fulfilled").length;
  assertEquals([competition.status, items.length - fulfilled], ["settled", 1]);
  assertEquals(fulfilled, competition.participantCount);
  const prizes = await node.prizes.get(SYSTEM, SETTLED_SLUG, { "page": 1, "page_size": 100 });
  // 90 % of the fees and what the sponsors gave.
  assertEquals(prizes.poolMinor, `${fulfilled * 900 + 10_000}`);
  const paid = prizes.payouts.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n);
  assertEquals(paid + BigInt(prizes.restMinor), BigInt(prizes.poolMinor));
  assertEquals(prizes.payouts.map(({ status }) => status), Array(7).fill("paid"));
  const waiting = await node.orders.list(SYSTEM, {
    ...{ "page": 1, "page_size": 10, kind: "withdrawal", status: "pending" },
  });
  assertEquals(waiting.items.map(({ sentBy }) => sentBy).sort(), ["gateway", "person"]);
  const [before] = await database.sql<{ early: number }[]>`
    select count(*) as early from ledger_transactions
    where kind = 'entry' and at < ${Date.parse(competition.startsAt)}`;
  assertEquals(before!.early, fulfilled + 1);
  await assertBooksBalance(database);
  const books = await node.books.reconciliation(SYSTEM);
  assertEquals([books.balanced, books.gateways.map(({ agrees }) => agrees)], [true, [true]]);
  assert(BigInt(books.gateways[0]!.gatewayMinor ?? "0") > 0n);
}

/** The books keep every line, and hold nothing; what stays is empty, nameless and unseen. */
async function checkVoided(node: ReturnType<typeof createNode>, database: Database) {
  const left = await database.sql`
    select 1 from ledger_balances where balance_minor <> 0 or reserved_minor <> 0`;
  const named = await database.sql`
    select 1 from users where email like '%demo%' or (role = 'member' and status <> 'deleted')`;
  const [lines] = await database.sql<{ count: number }[]>`
    select count(*) as count from ledger_postings`;
  assertEquals([left.length, named.length, lines!.count > 100], [0, 0, true]);
  assertEquals((await node.transfers.totals()).length, 0);
  const anybody: Actor = { kind: "anonymous", requestId: null, address: null };
  const shown = await node.competitions.list(anybody, CompetitionQuery.parse({}));
  assertEquals(shown.total, 0);
  assertEquals((await node.books.reconciliation(SYSTEM)).balanced, true);
  assertEquals((await node.jobs.runDue()).failed, []);
  await assertBooksBalance(database);
}

Deno.test("seedDemo() keeps away from somebody's own database", async () => {
  await using test = await openTestDatabase();
  await createUser(test.database, { name: "Mira Koskela" });
  const node = createNode(test.database);

  const { isNew } = await node.seed();

  assertEquals(isNew, false);
  assertEquals((await readCompetitions(test.database)).length, 0);
});

Deno.test("demoAthletes() are sixty people with addresses that cannot exist", () => {
  const athletes = demoAthletes();

  assertEquals(athletes.length, 60);
  assertEquals(new Set(athletes.map(({ email }) => email)).size, 60);
  assert(new Set(athletes.map(({ country }) => country)).size > 30);
  for (const { email, timeZone } of athletes) {
    assertMatch(email, /^[a-z]+(\.[a-z]+)+@demo\.invalid$/);
    new Intl.DateTimeFormat("en", { timeZone });
  }
});
