/** What strangers are told: to sign in, not what is wrong with their input. */

import { assert, assertEquals } from "@std/assert";
import { openTestApp } from "@/tests/support/app.ts";

const NOBODY = "0199a3c2-7b54-7c1e-9d0a-3f5b8e6a1c42";

interface Operation {
  security?: Record<string, string[]>[];
}

Deno.test("every operation that wants a token tells strangers so, whatever they send", async () => {
  await using test = await openTestApp();
  const { body: document } = await test.call("GET", "//openapi.json");
  const paths = Object.entries(document.paths as Record<string, Record<string, Operation>>);

  let tried = 0;
  for (const [path, operations] of paths) {
    for (const [method, { security = [] }] of Object.entries(operations)) {
      const isClosed = security.length > 0 &&
        security.every((way) => Object.keys(way).length > 0);
      if (!isClosed || !path.startsWith("/api/v1")) continue;
      const url = path.replaceAll(/\{\w+\}/g, method === "get" ? "not-an-id" : NOBODY);
      const isUpload = path.endsWith("/import");
      const body = method === "get" || isUpload ? {} : { body: { nonsense: true } };
      const answer = await test.call(method.toUpperCase(), `/${url}`, body);
      assertEquals([method, url, answer.status], [method, url, 401]);
      assertEquals(answer.body.error.code, "UNAUTHORIZED");
      tried++;
    }
  }
  assert(tried > 20, `${tried} operations`);
});

Deno.test("strangers are asked to sign in where an invitation is needed, on every path", async () => {
  await using test = await openTestApp();
  const organiser = await test.person("organiser");
  const member = await test.person();
  const now = test.time.now();
  const created = await test.call("POST", "/competitions", {
    token: organiser.token,
    body: {
      name: "Club Cup",
      visibility: "invite",
      inviteCode: "lynx-7421",
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(now + 3_600_000).toISOString(),
      scoring: { kind: "direct" },
    },
  });
  const { id } = created.body.data;
  await test.call("POST", `/competitions/${id}/publish`, { token: organiser.token });

  for (
    const path of [
      `/competitions/${id}`,
      `/competitions/${id}/participants`,
      `/competitions/${id}/log`,
      `/leaderboard/${id}`,
    ]
  ) {
    const stranger = await test.call("GET", path);
    assertEquals([path, stranger.status, stranger.body.error.code], [path, 401, "UNAUTHORIZED"]);
    const uninvited = await test.call("GET", path, { token: member.token });
    assertEquals([path, uninvited.status, uninvited.body.error.code], [path, 403, "FORBIDDEN"]);
  }
});
