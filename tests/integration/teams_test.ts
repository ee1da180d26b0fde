import { assert, assertEquals, assertMatch } from "@std/assert";
import { openTestApp, type TestPerson } from "@/tests/support/app.ts";
import { DIRECT, MINUTE_MS, openStage, refusal } from "@/tests/support/team_stage.ts";
import { verifyBundle } from "@/tools/verify_result.ts";

Deno.test("teams from the first member to the verified result", async (t) => {
  await using test = await openTestApp();
  const stage = await openStage(test);
  const { id, organiser } = stage;
  const [ann, bea, cid] = [
    ...[await test.person("member", "Ann"), await test.person("member", "Bea")],
    await test.person("member", "Cid"),
  ] as [TestPerson, TestPerson, TestPerson];
  const post = (person: TestPerson, path: string, body?: object) =>
    test.call("POST", `/competitions/${id}${path}`, {
      token: person.token,
      ...(body ? { body } : {}),
    });
  const herons = await stage.team("Herons");
  const annId = await stage.enter(ann);
  const beaId = await stage.enter(bea, { teamId: herons });
  await stage.enter(cid);

  await t.step(
    "participants make one team each where the rule says so, and are in it",
    async () => {
      const outsider = await test.person("member", "Otto");
      const otters = await post(ann, "/teams", { name: "Otters" });
      const { name, members, isMine, canManage } = otters.body.data;

      assertEquals([name, members, isMine, canManage], ["Otters", 1, true, true]);
      assertEquals(refusal(await post(ann, "/teams", { name: "More" })), "409 CONFLICT");
      assertEquals(
        refusal(await post(cid, "/teams", { name: "oTTers" })),
        "409 TEAM_NAME_TAKEN name",
      );
      assertEquals(refusal(await post(outsider, "/teams", { name: "X" })), "409 NOT_A_PARTICIPANT");
      assertEquals(refusal(await post(cid, `/teams/${annId}/join`)), "404 NOT_FOUND");
    },
  );

  test.time.advance(MINUTE_MS);
  await stage.give(cid, 5);
  const list = await test.call("GET", `/competitions/${id}/teams`);
  const otters = list.body.data.find(({ name }: { name: string }) => name === "Otters").id;

  await t.step("what was given before stays with whom it was given to", async () => {
    await stage.give(ann, 10);
    await stage.give(bea, 7);
    test.time.advance(1);
    const joined = await post(cid, `/teams/${otters}/join`);
    test.time.advance(1);
    await stage.give(cid, 1);
    test.time.advance(1);
    const moved = await post(cid, `/teams/${herons}/join`);
    await stage.give(cid, 2);
    test.time.advance(1);

    assertEquals([joined.body.data.changed, moved.body.data.teamId], [true, herons]);
    assertEquals(await stage.teamBoard(), ["1 Otters 11 (1)", "2 Herons 9 (2)"]);
  });

  await t.step("the board is told by its tag, at the offset of the people's board", async () => {
    const path = `/leaderboard/${id}/teams`;
    const first = await test.call("GET", path);
    const people = await test.call("GET", `/leaderboard/${id}`);
    const etag = first.headers.get("etag")!;
    const again = await test.call("GET", path, { headers: { "if-none-match": etag } });
    const asOf = new Date(test.time.now() - 3).toISOString();
    const before = await test.call("GET", `${path}?asOf=${asOf}`);

    assertEquals(first.body.data.offset, people.body.data.offset);
    assertEquals([again.status, before.body.data.rows[0].score], [304, 10]);
  });

  await t.step("anybody sees who gave what, and since when", async () => {
    const told = await test.call("GET", `/leaderboard/${id}/teams/${otters}`);
    const members = told.body.data.members.map((
      { name, gave, status, counts, spans }: Record<string, unknown[]>,
    ) => [name, gave, status, counts, spans!.length]);

    assertEquals(members, [["Ann", 10, "member", true, 1], ["Cid", 1, "left", true, 1]]);
  });

  await t.step("staff move people with a reason, one or all that a filter finds", async () => {
    const { token } = organiser;
    const move = (path: string, body: object, by = token) =>
      test.call("POST", `/competitions/${id}/participants${path}`, { token: by, body });
    const referee = await test.person("referee", "Ref");
    const reason = "Wrong boat";

    assertEquals(
      refusal(await move(`/${beaId}/move`, { teamId: otters, reason }, referee.token)),
      "403 FORBIDDEN",
    );
    assertEquals(
      refusal(await move(`/${beaId}/move`, { reason })),
      "400 VALIDATION_ERROR division",
    );
    assertEquals(
      refusal(await move(`/${beaId}/move`, { division: "Open", reason })),
      "400 VALIDATION_ERROR division",
    );
    const unexpected = { filter: { team: herons }, expected: 5, teamId: otters, reason };
    assertEquals(refusal(await move("/move", unexpected)), "409 CONFLICT");
    const many = await move("/move", { ...unexpected, expected: 2 });
    assertEquals(many.body.data, { moved: 2, unchanged: 0 });
    await move(`/${beaId}/move`, { teamId: herons, reason });
    const audit = await test.database.sql<{ action: string; reason: string }[]>`
      select action, reason from audit_log where target_id = ${beaId}`;
    assertEquals([...audit], [
      { action: "participant.move", reason },
      { action: "participant.move", reason },
    ]);
    assertEquals(await stage.teamBoard(), ["1 Otters 11 (2)", "2 Herons 9 (1)"]);
  });

  await t.step("a frozen board leaks nothing by any road, and staff see on", async () => {
    const { token } = organiser;
    const shown = async (by?: string) => {
      const call = by ? { token: by } : {};
      const board = await test.call("GET", `/leaderboard/${id}/teams`, call);
      const listed = await test.call("GET", `/competitions/${id}/teams`, call);
      const why = await test.call("GET", `/leaderboard/${id}/teams/${otters}`, call);
      const file = await test.app.request(`/api/v1/competitions/${id}/export?what=teams`, {
        headers: by ? { authorization: `Bearer ${by}` } : {},
      });
      const people = await test.call("GET", `/competitions/${id}/participants`, call);
      const without = people.body.data.map(({ email: _, ...row }: Record<string, unknown>) => row);
      return [
        board.body.data.rows,
        listed.body.data.map(({ id, score, members, rank }: Record<string, unknown>) => [
          ...[id, score, members, rank],
        ]),
        why.body.data.members,
        await file.text(),
        without,
      ];
    };
    const before = await shown();
    test.time.advance(1);
    await test.call("POST", `/competitions/${id}/freeze`, { token });
    test.time.advance(1);
    await stage.give(ann, 100);
    await post(cid, "/teams/leave");
    await post(bea, `/teams/${otters}/join`);

    assertEquals(await shown(), before);
    assertEquals(await stage.teamBoard(token), ["1 Otters 111 (2)", "2 Herons 9 (0)"]);
    await test.call("POST", `/competitions/${id}/unfreeze`, { token });
    assertEquals(await stage.teamBoard(), ["1 Otters 111 (2)", "2 Herons 9 (0)"]);
  });

  await t.step("a team that is removed leaves the board, with what was given to it", async () => {
    const path = `/competitions/${id}/teams/${herons}`;
    const stranger = await test.call("DELETE", path, { token: bea.token });
    const gone = await test.call("DELETE", path, { token: organiser.token, body: { reason: "x" } });

    assertEquals(refusal(stranger), "403 FORBIDDEN");
    assertEquals(gone.body.data, { id: herons, members: 0 });
    assertEquals(await stage.teamBoard(), ["1 Otters 111 (2)"]);
    assertEquals(refusal(await post(bea, `/teams/${herons}/join`)), "404 NOT_FOUND");
  });

  await t.step(
    "the final result is signed with the teams, and its log gives them again",
    async () => {
      test.time.advance(4 * MINUTE_MS);
      assertEquals(refusal(await post(bea, "/teams/leave")), "409 CHOICE_LOCKED");
      const done = await post(organiser, "/finalize", {});
      assertEquals(done.status, 200, JSON.stringify(done.body));
      assertMatch(done.body.data.result.teamsHash, /^[0-9a-f]{64}$/);
      const bundle = await test.call("GET", `/competitions/${id}/export?what=log`);
      assertEquals(verifyBundle(bundle.body).map(({ fault }) => fault), [undefined]);
      const { log } = bundle.body;
      const [revision] = bundle.body.result.revisions;
      const forged = { ...revision, teamsHash: "00".repeat(32) };
      const report = verifyBundle({ log, result: { competitionId: id, revisions: [forged] } });
      assert(report[0]!.fault?.includes("signature"));
      const late = await test.call("POST", `/competitions/${id}/participants/${beaId}/move`, {
        token: organiser.token,
        body: { teamId: null, reason: "x" },
      });
      assertEquals(refusal(late), "409 ALREADY_FINAL");
    },
  );
});

Deno.test("divisions: chosen at the join, boards of their own, moved by staff", async (t) => {
  await using test = await openTestApp();
  const stage = await openStage(test, { divisions: ["Open", "Masters"], teams: null });
  const { id, organiser } = stage;
  const [ann, bea] = [await test.person("member", "Ann"), await test.person("member", "Bea")];
  const { token } = organiser;
  const join = (body: object) =>
    test.call("POST", `/competitions/${id}/join`, { token: ann.token, body });

  assertEquals(refusal(await join({})), "400 VALIDATION_ERROR division");
  assertEquals(refusal(await join({ division: "Elite" })), "400 VALIDATION_ERROR division");
  assertEquals(
    refusal(await join({ division: "Open", teamId: id })),
    "400 VALIDATION_ERROR teamId",
  );
  const annId = await stage.enter(ann, { division: "Open" });
  await stage.enter(bea, { division: "Masters" });

  await t.step("people change theirs until the start, staff later", async () => {
    const choose = (division: string) =>
      test.call("PUT", `/competitions/${id}/division`, { token: ann.token, body: { division } });
    assertEquals((await choose("Masters")).body.data.changed, true);
    assertEquals((await choose("Open")).body.data.division, "Open");
    test.time.advance(MINUTE_MS);
    assertEquals(refusal(await choose("Masters")), "409 CHOICE_LOCKED");
    await stage.give(ann, 5);
    await stage.give(bea, 9);
  });

  await t.step("each division ranks and counts by itself, by every road", async () => {
    const board = await test.call("GET", `/leaderboard/${id}?division=Open`);
    const divisions = await test.call("GET", `/competitions/${id}/divisions`);
    const file = await test.app.request(`/api/v1/competitions/${id}/export?division=Open`);
    const why = await test.call("GET", `/leaderboard/${id}/explain/${annId}`);

    assertEquals(board.body.data.total, 1);
    const [{ rank, division }] = board.body.data.rows;
    assertEquals([rank, division], [1, "Open"]);
    assertEquals(
      divisions.body.data.map((
        { name, participants, leader }: Record<string, { name: string }>,
      ) => [name, participants, leader!.name]),
      [["Open", 1, "Ann"], ["Masters", 1, "Bea"]],
    );
    assertMatch(await file.text(), /^rank,.*,division\r?\n1,.*,Open\r?\n$/s);
    assertEquals(why.body.data.inDivision, { division: "Open", rank: 1, total: 1 });
    assertEquals(why.body.data.rank, 2);
  });

  await t.step("none goes while it has people or prizes", async () => {
    const change = (body: object) => test.call("PUT", `/competitions/${id}`, { token, body });
    assertEquals(
      refusal(await change({ divisions: ["Open"] })),
      "400 VALIDATION_ERROR divisions",
    );
    assertEquals((await change({ divisions: ["Open", "Masters", "Elite"] })).status, 200);
    const moved = await test.call("POST", `/competitions/${id}/participants/${annId}/move`, {
      token,
      body: { division: "Elite", reason: "Fast" },
    });
    assertEquals(moved.body.data.division, "Elite");
    assertEquals((await change({ divisions: ["Masters", "Elite"] })).status, 200);
    const twice = await change({ divisions: ["Elite", "elite"] });
    assertEquals(refusal(twice), "400 VALIDATION_ERROR divisions");
  });

  await t.step("whoever comes back is where they were", async () => {
    await test.call("POST", `/competitions/${id}/leave`, { token: ann.token });
    const back = await join({});
    const board = await test.call("GET", `/leaderboard/${id}?division=Elite`);
    const log = await test.call("GET", `/competitions/${id}/log`, { token });
    const last = log.body.data.entries.at(-1);

    assertEquals([back.status, board.body.data.total], [201, 1]);
    assertEquals([last.kind, last.division], ["join", "Elite"]);
  });
});

Deno.test("activity is given to the team of its own time, whenever it comes", async () => {
  await using test = await openTestApp();
  const scoring = { kind: "activity", metric: "distance", aggregate: "total", direction: "higher" };
  const stage = await openStage(test, { scoring, teams: { score: "sum" } });
  const ann = await test.person("member", "Ann");
  const [otters, herons] = [await stage.team("Otters"), await stage.team("Herons")];
  await stage.enter(ann, { teamId: otters });
  test.time.advance(MINUTE_MS);
  const startsAt = test.time.now();
  let runs = 0;
  const run = async (fromMs: number, metres: number, lastsMs = 40_000) => {
    const at = (ms: number) => new Date(startsAt + ms).toISOString();
    const sync = await test.call("POST", "/fitness/sync", {
      token: ann.token,
      body: {
        provider: "health_connect",
        workouts: [{
          ...{ id: `run-${runs++}`, type: "running", start: at(fromMs), end: at(fromMs + lastsMs) },
          ...{ distance: metres, source: { recordingMethod: "active" } },
        }],
      },
    });
    assertEquals(sync.status, 200, JSON.stringify(sync.body));
  };
  test.time.advance(50_000);
  await run(0, 130);
  test.time.advance(1);
  await test.call("POST", `/competitions/${stage.id}/teams/${herons}/join`, { token: ann.token });
  test.time.advance(60_000);
  await run(60_000, 110);
  const after = await stage.teamBoard();
  // Recorded while she was an otter, and uploaded late.
  await run(41_000, 20, 8_000);

  assertEquals(after, ["1 Otters 130 (0)", "2 Herons 110 (1)"]);
  assertEquals(await stage.teamBoard(), ["1 Otters 150 (0)", "2 Herons 110 (1)"]);
  const { token } = stage.organiser;
  const change = async (teams: object | null) => {
    const body = { teams, reason: "As told at the briefing" };
    const changed = await test.call("POST", `/competitions/${stage.id}/rules`, { token, body });
    assertEquals(changed.status, 201, JSON.stringify(changed.body));
    return await stage.teamBoard();
  };
  assertEquals(await change(null), []);
  // What was given while there was no rule is given all the same.
  const best = { score: "best", count: 1 };
  assertEquals(await change(best), ["1 Otters 150 (0)", "2 Herons 110 (1)"]);
  test.time.advance(4 * MINUTE_MS);
  const done = await test.call("POST", `/competitions/${stage.id}/finalize`, { token });
  assertEquals(done.status, 200, JSON.stringify(done.body));
  const bundle = await test.call("GET", `/competitions/${stage.id}/export?what=log`);
  assertEquals(verifyBundle(bundle.body).map(({ fault }) => fault), [undefined]);
});

Deno.test("team rules that make no sense are refused by field", async () => {
  await using test = await openTestApp();
  const { token } = await test.person("organiser");
  const now = test.time.now();
  const at = (ms: number) => new Date(now + ms).toISOString();
  const make = (teams: object, scoring: object = DIRECT) =>
    test.call("POST", "/competitions", {
      token,
      body: { name: "Cup", startsAt: at(MINUTE_MS), endsAt: at(2 * MINUTE_MS), scoring, teams },
    });
  const lower = { ...DIRECT, operator: "best", direction: "lower" };

  assertEquals(refusal(await make({ score: "best" })), "400 VALIDATION_ERROR teams.count");
  assertEquals(refusal(await make({ score: "sum", count: 2 })), "400 VALIDATION_ERROR teams.count");
  assertEquals(refusal(await make({ score: "sum" }, lower)), "400 VALIDATION_ERROR teams.score");
  assertEquals((await make({ score: "best", count: 3 }, lower)).status, 201);
  assertEquals(refusal(await make({ score: "median" })), "400 VALIDATION_ERROR teams.score");
});
