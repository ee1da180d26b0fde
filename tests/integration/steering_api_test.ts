import { assert, assertEquals, assertMatch } from "@std/assert";
import { isSignedBy } from "@/platform/signing.ts";
import { checkpointBytes, verifyCheckpoint } from "@/domain/checkpoint.ts";
import { sha256 } from "@/platform/sha256.ts";
import { toChainedEntry } from "@/contracts/log_entries.ts";
import { ANONYMOUS } from "@/tests/support/board_fixture.ts";
import { openTestApp } from "@/tests/support/app.ts";
import { verifyBundle } from "@/tools/verify_result.ts";
import { openSteeringStage } from "@/tests/support/steering.ts";

Deno.test("corrections by staff: void, disqualify, adjust and their undoing", async (t) => {
  await using test = await openTestApp();
  const stage = await openSteeringStage(test);
  const { ann, bea, organiser, referee, finance } = stage;
  await stage.score(ann, 10);
  await stage.score(bea, 7);
  const [event] = await stage.events({ participantId: ann.participantId });
  const board = () => stage.lines(organiser);
  const void_ = (token: string, path = "void") =>
    test.call("POST", `/leaderboard/events/${event!.eventId}/${path}`, {
      token,
      body: { reason: "On a bicycle" },
    });

  await t.step("a voided event counts as never written, until it is reinstated", async () => {
    const before = await stage.canonical();
    const voided = await void_(referee.token);
    const again = await void_(referee.token);
    const without = await board();
    const back = await void_(organiser.token, "reinstate");

    const { changed, score, rank } = voided.body.data;
    assertEquals([voided.status, changed, score, rank], [200, true, null, null]);
    assertEquals([again.status, again.body.data.changed], [200, false]);
    assertEquals(again.body.data.offset, voided.body.data.offset);
    assertEquals(without, ["1 Bea 7", "- Ann null"]);
    assertEquals([back.body.data.score, back.body.data.rank], [10, 1]);
    assertEquals(await stage.canonical(), before);
  });

  await t.step("only the competition's staff may, and money's people never", async () => {
    const stranger = await test.person("organiser", "Sten Stranger");
    const codes = [];
    for (const { token } of [ann, finance, stranger]) codes.push((await void_(token)).status);
    const nobody = await test.call("POST", `/leaderboard/events/${event!.eventId}/void`, {
      body: { reason: "x" },
    });
    const unknown = await test.call("POST", `/leaderboard/events/${stage.id}/void`, {
      token: referee.token,
      body: { reason: "x" },
    });
    const refereeAdjusts = await stage.adjust(referee.token, ann, { score: 5 });
    const unreasoned = await test.call("POST", `/leaderboard/events/${event!.eventId}/void`, {
      token: referee.token,
      body: {},
    });

    assertEquals(codes, [403, 403, 403]);
    assertEquals([nobody.status, unknown.status, refereeAdjusts.status], [401, 404, 403]);
    assertEquals(unreasoned.body.error.details[0].field, "reason");
  });

  await t.step("the disqualified stand last, and come back with what they had", async () => {
    const before = await stage.canonical();
    const out = await stage.judge(referee.token, ann, "disqualify");
    const without = await board();
    const refused = await stage.score(ann, 3);
    const back = await stage.judge(referee.token, ann, "reinstate");
    const again = await stage.judge(referee.token, ann, "reinstate");

    assertEquals([out.body.data.status, out.body.data.revision], ["disqualified", null]);
    assertEquals(without, ["1 Bea 7", "- Ann 10"]);
    assertEquals(refused.body.error.code, "PARTICIPANT_DISQUALIFIED");
    assertEquals([back.body.data.status, back.body.data.rank], ["active", 1]);
    assertEquals(again.body.data.changed, false);
    assertEquals(await stage.canonical(), before);
    const told = await test.database.sql<{ kind: string }[]>`
      select kind from notices where user_id = ${ann.userId} order by id`;
    assertEquals(told.map(({ kind }) => kind), [
      "participant.disqualified",
      "participant.reinstated",
    ]);
  });

  await t.step("an adjustment is an event of its own, once for its key", async () => {
    const body = { score: 4, reason: "Forgotten lap", idempotencyKey: "protest-7" };
    const first = await stage.adjust(organiser.token, bea, body);
    const again = await stage.adjust(organiser.token, bea, body);
    const other = await stage.adjust(organiser.token, bea, { ...body, score: 5 });
    const set = await stage.adjust(organiser.token, bea, { score: 9, operator: "set" });
    const undone = await test.call(
      "POST",
      `/leaderboard/events/${set.body.data.eventId}/void`,
      { token: organiser.token, body: { reason: "Wrong person" } },
    );
    const rows = await stage.events({ source: "staff" });

    assertEquals([first.body.data.score, first.body.data.rank], [11, 1]);
    assertEquals(again.body.data, first.body.data);
    assertEquals([other.status, other.body.error.code], [409, "CONFLICT"]);
    assertEquals([set.body.data.score, undone.body.data.score], [9, 11]);
    assertEquals(
      rows.map(({ value, voided, reason, actorName }) => [value, voided, reason, actorName]),
      [[9, true, "Wrong person", "Olga Organiser"], [4, false, "Forgotten lap", "Olga Organiser"]],
    );
  });

  await t.step("every correction but a score event has its audit row", async () => {
    const admin = await test.person("admin", "Ada Admin");
    const { body } = await test.call("GET", "/admin/audit?page_size=100", { token: admin.token });
    const actions = body.data.map((row: { action: string }) => row.action);
    const count = (action: string) => actions.filter((one: string) => one === action).length;
    assertEquals(
      ["event.void", "event.reinstate", "participant.disqualify", "participant.reinstate"].map(
        count,
      ),
      [2, 1, 1, 1],
    );
  });

  await t.step(
    "explain tells what counts, what does not and why, and what is to beat",
    async () => {
      const path = `/leaderboard/${stage.id}/explain/${ann.participantId}`;
      await void_(referee.token);
      await stage.score(ann, 2);
      const { body } = await test.call("GET", path);
      const { rank, counted, excluded, nextRank, events, tieBreaks } = body.data;
      const missing = await test.call("GET", `/leaderboard/${stage.id}/explain/${stage.id}`);

      assertEquals([rank, counted, excluded, tieBreaks], [2, 1, 1, ["reached_at"]]);
      assertEquals([nextRank.name, nextRank.gap, nextRank.decidedBy], ["Bea", 9, "score"]);
      assertEquals(
        events.map((one: Record<string, unknown>) => [one.value, one.reason, one.scoreAfter]),
        [[2, null, 2], [10, "voided", null]],
      );
      assertEquals(missing.status, 404);
    },
  );
});

Deno.test("a result becomes final by approval, and is signed so that anybody can check it", async (t) => {
  await using test = await openTestApp();
  const stage = await openSteeringStage(test);
  const { ann, bea, organiser, referee } = stage;
  await stage.score(ann, 10);
  await stage.score(bea, 7);
  const finalise = (token: string) =>
    test.call("POST", `/competitions/${stage.id}/finalize`, { token, body: {} });

  await t.step("it is refused with everything that stands in the way", async () => {
    const early = await finalise(organiser.token);
    const state = await test.call("GET", `/competitions/${stage.id}/finalize`, {
      token: organiser.token,
    });
    assertEquals([early.status, early.body.error.code], [409, "RESULT_BLOCKED"]);
    assertEquals(early.body.error.details[0].code, "grace_not_over");
    assertEquals([state.body.data.ready, state.body.data.blockers.length], [false, 1]);
  });

  stage.pass({ days: 3 });
  await t.step("the approval is recorded and the checkpoint verifies", async () => {
    const token = await stage.signIn(organiser);
    const done = await finalise(token);
    const again = await finalise(token);
    const bundle = await test.call("GET", `/competitions/${stage.id}/export?what=log`);
    const keys = await test.call("GET", "/results/keys");

    const { competition, result } = done.body.data;
    assertEquals([competition.status, result.revision, result.approvedBy], [
      "final",
      1,
      "Olga Organiser",
    ]);
    assertEquals([again.status, again.body.error.code], [409, "ALREADY_FINAL"]);
    assertEquals(keys.body.data.keys[0].publicKey, result.publicKey);
    const bytes = (text: string) => Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const isSigned = isSignedBy(
      bytes(result.publicKey),
      checkpointBytes(result),
      bytes(result.signature),
    );
    const log = bundle.body.log.entries.map(toChainedEntry);
    const verdict = verifyCheckpoint(result, log, sha256);
    assert(isSigned && verdict.ok);
    assertEquals(verdict.standings.map(({ score, rank }) => [score, rank]), [[10, 1], [7, 2]]);
    const forged = log.map((one: ReturnType<typeof toChainedEntry>) =>
      one.entry.kind === "score" ? { ...one, entry: { ...one.entry, value: 99 } } : one
    );
    assertEquals(verifyCheckpoint(result, forged, sha256).ok, false);
    assert(
      !isSignedBy(
        bytes(result.publicKey),
        checkpointBytes({ ...result, seq: 1 }),
        bytes(result.signature),
      ),
    );
  });

  await t.step("a later judgement makes another revision; scores stay as they are", async () => {
    const out = await stage.judge(await stage.signIn(referee), ann, "disqualify");
    const result = await test.call("GET", `/competitions/${stage.id}/result`);
    const [event] = await stage.events({ participantId: bea.participantId });
    const void_ = await test.call("POST", `/leaderboard/events/${event!.eventId}/void`, {
      token: await stage.signIn(referee),
      body: { reason: "Too late" },
    });

    const bundle = await test.call("GET", `/competitions/${stage.id}/export?what=log`);
    const { publicKey } = result.body.data.revisions[0];

    assertEquals(verifyBundle(bundle.body, publicKey), [
      { revision: 2, fault: undefined, rows: 2 },
      { revision: 1, fault: undefined, rows: 2 },
    ]);
    assertEquals(out.body.data.revision, 2);
    assertEquals(
      result.body.data.revisions.map((one: Record<string, unknown>) => [one.revision, one.cause]),
      [[2, "disqualify"], [1, "finalise"]],
    );
    assertEquals(void_.body.error.code, "ALREADY_FINAL");
    assertEquals(await stage.lines(), ["1 Bea 7", "- Ann 10"]);
  });
});

Deno.test("rules, announcements, copies and files of a competition", async (t) => {
  await using test = await openTestApp();
  const stage = await openSteeringStage(test);
  const { ann, bea, organiser } = stage;
  await stage.score(ann, 5);
  test.time.advance(1000);
  const shownAt = new Date(test.time.now()).toISOString();
  test.time.advance(1000);
  await stage.score(bea, 5);
  await stage.score(bea, 1);

  await t.step("asOf shows the board as it was, and nothing of the future", async () => {
    const then = await test.call("GET", `/leaderboard/${stage.id}?asOf=${shownAt}`);
    const future = new Date(test.time.now() + 60_000).toISOString();
    const ahead = await test.call("GET", `/leaderboard/${stage.id}?asOf=${future}`);
    const early = await test.call("GET", `/leaderboard/${stage.id}?asOf=2020-01-01T00:00:00Z`);

    assertEquals(
      then.body.data.rows.map((row: { name: string; score: number }) => [row.name, row.score]),
      [["Ann", 5], ["Bea", null]],
    );
    assertEquals([ahead.status, ahead.body.error.details[0].field], [400, "asOf"]);
    assertEquals([early.status, early.body.data.total], [200, 0]);
  });

  await t.step("a new version of the rules scores everybody anew and tells them", async () => {
    const change = (body: Record<string, unknown>) =>
      test.call("POST", `/competitions/${stage.id}/rules`, { token: organiser.token, body });
    const same = await change({ rankMethod: "standard", reason: "Nothing" });
    const lower = await change({
      scoring: { kind: "direct", operator: "increment", direction: "lower", selfReport: true },
      reason: "Fewest strokes win",
    });
    const versions = await test.call("GET", `/competitions/${stage.id}/rules`);
    const told = await test.call("GET", `/competitions/${stage.id}/announcements`);

    assertEquals([same.status, same.body.error.code], [400, "VALIDATION_ERROR"]);
    assertEquals([lower.status, lower.body.data.version.version], [201, 2]);
    assertEquals(await stage.lines(), ["1 Ann 5", "2 Bea 6"]);
    assertEquals(
      versions.body.data.map((one: Record<string, unknown>) => [one.version, one.reason]),
      [[2, "Fewest strokes win"], [1, null]],
    );
    assertMatch(told.body.data[0].text, /version 2.*Fewest strokes win/);
    assertEquals(told.body.data[0].kind, "rules");
    const notices = await test.database.sql`
      select user_id from notices where kind = 'competition.rules_changed'`;
    assertEquals(notices.length, 2);
  });

  await t.step("announcements are listed, and too many refused", async () => {
    const announce = (text: string) =>
      test.call("POST", `/competitions/${stage.id}/announce`, {
        token: organiser.token,
        body: { text },
      });
    const frames: string[] = [];
    await test.services.live.open(ANONYMOUS, stage.id, {
      bufferedAmount: 0,
      send: (frame) => void frames.push(frame),
      close() {},
    });
    const first = await announce("The finish moved to the **park**.");
    const { text, at } = first.body.data;
    assertEquals(JSON.parse(frames.at(-1)!), { type: "announcement", text, at });
    const list = await test.call("GET", `/competitions/${stage.id}/announcements`);
    for (let index = 0; index < 28; index++) await announce(`Lap ${index}`);
    const over = await announce("Once more");

    assertEquals([first.status, list.body.data[0].text], [
      201,
      "The finish moved to the **park**.",
    ]);
    assertEquals([over.status, over.body.error.code], [429, "RATE_LIMIT_EXCEEDED"]);
    const told = await test.database.sql`
      select count(*)::int as count from notices where kind = 'competition.announced'
        and payload->>'reason' = 'The finish moved to the **park**.'`;
    assertEquals(told[0]?.count, 2);
  });

  await t.step("a copy is a draft with the same rules and its times moved along", async () => {
    const { status, body } = await test.call("POST", `/competitions/${stage.id}/clone`, {
      token: organiser.token,
      body: {},
    });
    const source = await test.call("GET", `/competitions/${stage.id}`);
    const length = (one: { startsAt: string; endsAt: string }) =>
      Date.parse(one.endsAt) - Date.parse(one.startsAt);

    assertEquals([status, body.data.status, body.data.participantCount], [201, "draft", 0]);
    assertEquals(body.data.scoring, source.body.data.scoring);
    assertEquals(length(body.data), length(source.body.data));
    assert(Date.parse(body.data.startsAt) > test.time.now());
  });

  await t.step("files: CSV that a spreadsheet does not run, and JSON", async () => {
    await test.database.sql`update users set name = '=HYPERLINK("x")' where id = ${ann.userId}`;
    test.services.boards.clear();
    const csv = await test.call("GET", `/competitions/${stage.id}/export`);
    const json = await test.call("GET", `/competitions/${stage.id}/export?format=json`);

    assertMatch(csv.headers.get("content-disposition")!, /^attachment; filename=".*\.csv"$/);
    const [head, first] = csv.body.split("\r\n");
    assertEquals(head, "rank,participantId,userId,name,score,reachedAt,status,provisional");
    assertMatch(first, /^1,[^,]+,[^,]+,"'=HYPERLINK\(""x""\)",5,/);
    assertEquals([json.body.total, json.body.rows.length, json.body.rules.version], [2, 2, 2]);
  });
});
