/** Entering over the API: conditions with their verdicts, invites and their uses, rights. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openTestApp, type TestApp, type TestPerson } from "../support/app.ts";
import { createTestServices } from "../support/services.ts";
import { userActor } from "../support/users.ts";

const DAY_MS = 86_400_000;

async function openWorld() {
  const test = await openTestApp();
  const organiser = await test.person("organiser");
  const publish = async (part: object = {}): Promise<string> => {
    const now = test.time.now();
    const body = {
      name: "Club Cup",
      startsAt: new Date(now + DAY_MS).toISOString(),
      endsAt: new Date(now + 8 * DAY_MS).toISOString(),
      scoring: { kind: "direct" },
      ...part,
    };
    const created = await test.call("POST", "/competitions", { token: organiser.token, body });
    assertEquals(created.status, 201, JSON.stringify(created.body));
    const { id } = created.body.data;
    await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });
    return id;
  };
  return {
    ...test,
    organiser,
    publish,
    async invite(id: string, body: object = {}) {
      const path = `/competitions/${id}/invites`;
      const made = await test.call("POST", path, { token: organiser.token, body });
      assertEquals(made.status, 201, JSON.stringify(made.body));
      return made.body.data;
    },
    join: ({ token }: TestPerson, id: string, body: object = {}) =>
      test.call("POST", `/competitions/${id}/join`, { token, body }),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}

function faults({ body }: { body: { error: { details: { field: string; code: string }[] } } }) {
  return body.error.details.map(({ field, code }) => [field, code]);
}

async function setProfile(test: Pick<TestApp, "call">, person: TestPerson, body: object) {
  const { userId, token } = person;
  return await test.call("PUT", `/users/${userId}/profile`, { token, body });
}

Deno.test("conditions are answered before the join and decide it", async (t) => {
  await using world = await openWorld();
  const id = await world.publish({
    entryConditions: {
      minimumAge: 16,
      countries: ["FI"],
      emailDomains: ["example.org"],
      perDomainMax: 1,
      acceptRules: true,
      healthConsent: true,
    },
  });
  const mira = await world.person();
  const check = async (person: TestPerson, query = "") => {
    const { body } = await world.call("GET", `/competitions/${id}/entry${query}`, {
      token: person.token,
    });
    return [body.data.canJoin, body.data.verdicts.map((one: { code: string }) => one.code)];
  };

  await t.step("all that is missing is told at once", async () => {
    assertEquals(await check(mira), [false, [
      "accepted",
      "birth_date_missing",
      "country_missing",
      "accepted",
      "accepted",
      "not_accepted",
      "not_accepted",
    ]]);
    const refused = await world.join(mira, id);
    assertEquals([refused.status, refused.body.error.code], [409, "ENTRY_REFUSED"]);
    assertEquals(faults(refused), [
      ["conditions.age", "birth_date_missing"],
      ["conditions.country", "country_missing"],
      ["conditions.emailDomain", "accepted"],
      ["conditions.domainPlaces", "accepted"],
      ["conditions.rules", "not_accepted"],
      ["conditions.healthData", "not_accepted"],
    ]);
    assertMatch(refused.headers.get("link") ?? "", /errors\/ENTRY_REFUSED/);
  });

  await t.step("a profile and consent let in, and what was agreed to is kept", async () => {
    const ahead = await setProfile(world, mira, { birthDate: "2027-01-01" });
    assertEquals(faults(ahead), [["birthDate", "future"]]);
    await setProfile(world, mira, { birthDate: "2010-05-01", country: "FI" });
    assertEquals((await check(mira, "?acceptRules=true&acceptHealthData=true"))[0], true);

    const accept = { rules: true, healthData: true };
    const joined = await world.join(mira, id, { accept });

    assertEquals(joined.status, 201, JSON.stringify(joined.body));
    const [row] = await world.database.sql`
      select consents from participants where id = ${joined.body.data.participantId}`;
    assertEquals(row?.consents, {
      rulesAt: world.time.now(),
      rulesVersion: 1,
      healthDataAt: world.time.now(),
    });
  });

  await t.step("the last place of a domain is taken", async () => {
    const other = await world.person();
    await setProfile(world, other, { birthDate: "1990-01-01", country: "FI" });
    assertEquals((await check(other))[1], [
      ...["accepted", "accepted", "accepted", "accepted", "domain_full"],
      ...["not_accepted", "not_accepted"],
    ]);
  });

  await t.step("the date of birth is nobody else's to see, and goes with the account", async () => {
    const other = await world.person();
    const path = `/users/${mira.userId}/profile`;
    assertEquals((await world.call("GET", path, { token: other.token })).status, 403);
    const admin = await world.person("admin");
    await world.call("DELETE", `/users/${mira.userId}`, { token: admin.token });
    const [row] = await world.database.sql`
      select birth_date from profiles where user_id = ${mira.userId}`;
    assertEquals(row?.["birth_date"], null);
  });

  await t.step("faults of conditions stand beside their fields", async () => {
    const answer = await world.call("PUT", `/competitions/${id}`, {
      token: world.organiser.token,
      body: { entryConditions: { minimumAge: 40, maximumAge: 20, countries: ["fi"] } },
    });
    assertEquals(answer.status, 400);
    assert(faults(answer).some(([field]) => field === "entryConditions.countries.0"));
  });
});

Deno.test("invites admit to what is by invitation only", async (t) => {
  await using world = await openWorld();
  const id = await world.publish({ visibility: "invite", divisions: ["A", "B"] });
  const [mira, noa] = [await world.person(), await world.person()];
  const poster = await world.invite(id, { label: "Poster", usesMax: 1, division: "B" });

  await t.step(
    "the page of a code tells what it leads to; nothing is told without one",
    async () => {
      const opened = await world.call("GET", `/invites/${poster.code}`);
      const { state, competition, division } = opened.body.data;
      assertEquals([state, competition.id, division], ["open", id, "B"]);
      assertEquals("inviteCode" in competition, false);
      assertEquals((await world.call("GET", "/invites/nothing")).status, 404);
      assertEquals(
        (await world.call("GET", `/competitions/${id}`, { token: mira.token })).status,
        403,
      );
      const path = `/competitions/${id}/entry`;
      assertEquals((await world.call("GET", path, { token: mira.token })).status, 403);
      const code = poster.code.toUpperCase();
      const check = await world.call("GET", `${path}?inviteCode=${code}`, { token: mira.token });
      assertEquals(check.body.data.canJoin, true);
    },
  );

  await t.step(
    "the last use admits one, in the invite's division, also when they race",
    async () => {
      await using other = createTestServices(world.database, world.time);
      const request = { inviteCode: poster.code };
      const tries = await Promise.allSettled([
        world.services.competitions.join(userActor(mira.userId), id, request),
        other.competitions.join(userActor(noa.userId), id, request),
      ]);

      assertEquals(tries.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
      const rows = await world.database.sql`
      select p.division, i.uses from participants p
      join competition_invites i on i.id = p.invite_id where p.competition_id = ${id}`;
      assertEquals(rows.map((row) => ({ ...row })), [{ division: "B", uses: 1 }]);
    },
  );

  await t.step("a code says why it does not admit", async () => {
    const stranger = await world.person();
    const why = async (inviteCode?: string) => {
      const body = { division: "A", ...(inviteCode ? { inviteCode } : {}) };
      return faults(await world.join(stranger, id, body))[0]?.[1];
    };
    const expiresAt = new Date(world.time.now() + 1000).toISOString();
    const [late, revoked, personal] = [
      await world.invite(id, { expiresAt }),
      await world.invite(id),
      await world.invite(id, { email: noa.email }),
    ];
    const { token } = world.organiser;
    await world.call("DELETE", `/competitions/${id}/invites/${revoked.id}`, { token });
    world.time.advance(1000);

    assertEquals(await why(), "missing");
    assertEquals(await why(poster.code), "used_up");
    assertEquals(await why(late.code), "expired");
    assertEquals(await why(revoked.code), "revoked");
    assertEquals(await why(personal.code), "other_person");
    const other = poster.code.endsWith("0") ? "1" : "0";
    assertEquals(await why(poster.code.slice(0, -1) + other), "mismatch");
    const told = await world.call("GET", `/users/${noa.userId}/notices`, { token: noa.token });
    assertEquals(told.body.data.map(({ kind }: { kind: string }) => kind), ["competition.invited"]);
  });

  await t.step("who guesses is stopped, and a right code does not use up the guesses", async () => {
    const guesser = await world.person();
    const answers: string[] = [];
    for (let n = 0; n < 12; n++) {
      const answer = await world.join(guesser, id, { inviteCode: `guess-${n}`, division: "A" });
      answers.push(answer.body.error.code);
    }
    assertEquals(answers.slice(0, 10).every((code) => code === "FORBIDDEN"), true);
    assertEquals(answers.slice(10), ["RATE_LIMIT_EXCEEDED", "RATE_LIMIT_EXCEEDED"]);
  });

  await t.step("the link is a QR code, and the list has no codes for others", async () => {
    const { token } = world.organiser;
    const path = `/competitions/${id}/invites`;
    const qr = await world.call("GET", `${path}/${poster.id}/qr`, { token });
    assertEquals(qr.headers.get("content-type"), "image/svg+xml");
    assertMatch(String(qr.body), /^<svg .*<path d="M4 4h7v1/);
    const list = await world.call("GET", path, { token });
    assertEquals(list.body.meta.total, 4);
    const strangers = [await world.person("organiser"), await world.person("referee"), mira];
    for (const { token } of strangers) {
      assertEquals((await world.call("GET", path, { token })).status, 403);
      assertEquals((await world.call("POST", path, { token, body: {} })).status, 403);
      assertEquals((await world.call("GET", `${path}/${poster.id}/qr`, { token })).status, 403);
    }
    const stored = await world.database
      .sql`select to_json(i)::text as row from competition_invites i`;
    assert(stored.every(({ row }) => !row.includes(poster.code.slice(9))));
    const [audit] = await world.database.sql`
      select count(*)::int as count from audit_log
      where action in ('competition.invite', 'competition.invite_revoke')`;
    assertEquals(audit?.count, 5);
  });
});

Deno.test("progress is one's own", async () => {
  await using world = await openWorld();
  const scoring = { kind: "activity", metric: "steps", aggregate: "target", target: 10_000 };
  const id = await world.publish({ scoring });
  const [mira, noa] = [await world.person(), await world.person()];
  await world.join(mira, id);

  const own = await world.call("GET", `/competitions/${id}/progress`, { token: mira.token });
  const none = await world.call("GET", `/competitions/${id}/progress`, { token: noa.token });

  assertEquals(own.body.data.target.missing, 10_000);
  assertEquals(own.body.data.days, { total: 8, begun: 0, left: 8 });
  assertEquals(none.body.error.code, "NOT_A_PARTICIPANT");
});
