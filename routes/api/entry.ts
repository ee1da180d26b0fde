/** `/competitions/:id/{entry,progress,invites}`: who may enter, by which links, and how far one has come. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { EntryCheck, EntryQuery } from "@/contracts/entry_check.ts";
import { Id } from "@/contracts/envelope.ts";
import { Invite, InviteInput, InviteQuery } from "@/contracts/invites.ts";
import { OpenedInvite } from "@/contracts/opened_invite.ts";
import { ProgressOfAthlete } from "@/contracts/progress.ts";
import { qrSvg } from "@/platform/qr_code.ts";
import type { Services } from "@/services/mod.ts";
import { ok, okPage } from "../answer.ts";
import type { AppEnv } from "../app_env.ts";
import { validationHook } from "../middleware/validation_hook.ts";
import { answer, answerPage, failures, jsonBody } from "./answers.ts";

const tags = ["Competitions"];
const security = [{ bearer: [] }];
const params = z.object({
  id: z.string().min(1).max(80).meta({
    description: "Id or slug of the competition",
    example: "spring-distance-cup",
  }),
});
const inviteParams = params.extend({ inviteId: Id.describe("The invite's id") });
const STAFF = ["UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"] as const;

const entryRoute = createRoute({
  operationId: "checkEntry",
  method: "get",
  path: "/competitions/{id}/entry",
  summary: "Tell whether the caller may enter: every condition with its verdict",
  tags,
  security,
  request: { params, query: EntryQuery },
  responses: {
    200: answer("The verdicts; what a refused join would carry as details", EntryCheck),
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

const progressRoute = createRoute({
  operationId: "getProgress",
  method: "get",
  path: "/competitions/{id}/progress",
  summary: "Tell how far the caller has come: target, pace, streak, today",
  tags,
  security,
  request: { params },
  responses: {
    200: answer(
      "The progress; null where scores are not computed from activity",
      ProgressOfAthlete.nullable(),
    ),
    ...failures(...STAFF, "NOT_A_PARTICIPANT"),
  },
});

const listRoute = createRoute({
  operationId: "listInvites",
  method: "get",
  path: "/competitions/{id}/invites",
  summary: "List invites with their codes and uses, newest first",
  tags,
  security,
  request: { params, query: InviteQuery },
  responses: {
    200: answerPage("One page of invites", Invite),
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

const createInviteRoute = createRoute({
  operationId: "createInvite",
  method: "post",
  path: "/competitions/{id}/invites",
  summary: "Make a link that admits people, limited in uses and time as wished",
  tags,
  security,
  request: { params, body: jsonBody(InviteInput) },
  responses: {
    201: answer("The invite", Invite),
    ...failures(
      ...["VALIDATION_ERROR", ...STAFF, "CONFLICT"] as const,
      ...["COMPETITION_CANCELLED", "ALREADY_FINAL"] as const,
    ),
  },
});

const revokeRoute = createRoute({
  operationId: "revokeInvite",
  method: "delete",
  path: "/competitions/{id}/invites/{inviteId}",
  summary: "Revoke an invite; who joined by it stays",
  tags,
  security,
  request: { params: inviteParams },
  responses: {
    200: answer("The revoked invite", Invite),
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

const qrRoute = createRoute({
  operationId: "getInviteQrCode",
  method: "get",
  path: "/competitions/{id}/invites/{inviteId}/qr",
  summary: "The invite's link as a QR code",
  tags,
  security,
  request: { params: inviteParams },
  responses: {
    200: {
      description: "An SVG image, black on white",
      content: { "image/svg+xml": { schema: z.string().describe("The image") } },
    },
    ...failures("VALIDATION_ERROR", ...STAFF),
  },
});

const openRoute = createRoute({
  operationId: "openInvite",
  method: "get",
  path: "/invites/{code}",
  summary: "Tell what an invite leads to; whoever holds its code may know",
  tags,
  security: [{}, ...security],
  request: {
    params: z.object({
      code: z.string().min(1).max(64).meta({
        description: "The code of the link",
        example: "k3x9q2mf-7w2et0c9a1m4bz6d",
      }),
    }),
  },
  responses: {
    200: answer("The invite and its competition", OpenedInvite),
    ...failures("NOT_FOUND"),
  },
});

export interface EntryRoutesDeps extends Pick<Services, "competitions" | "progress" | "invites"> {
  /** Scheme and host of links. */
  publicUrl: string;
}

/** The routes of entering. */
export function entryRoutes({ competitions, progress, invites, publicUrl }: EntryRoutesDeps) {
  return new OpenAPIHono<AppEnv>({ defaultHook: validationHook })
    .openapi(entryRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await competitions.entryCheck(c.var.actor, id, c.req.valid("query")), 200);
    })
    .openapi(
      progressRoute,
      async (c) => ok(c, await progress.own(c.var.actor, c.req.valid("param").id), 200),
    )
    .openapi(listRoute, async (c) => {
      const { id } = c.req.valid("param");
      return okPage(c, await invites.list(c.var.actor, id, c.req.valid("query")));
    })
    .openapi(
      openRoute,
      async (c) => ok(c, await invites.open(c.var.actor, c.req.valid("param").code), 200),
    )
    .openapi(createInviteRoute, async (c) => {
      const { id } = c.req.valid("param");
      return ok(c, await invites.create(c.var.actor, id, c.req.valid("json")), 201);
    })
    .openapi(revokeRoute, async (c) => {
      const { id, inviteId } = c.req.valid("param");
      return ok(c, await invites.revoke(c.var.actor, id, inviteId), 200);
    })
    .openapi(qrRoute, async (c) => {
      const { id, inviteId } = c.req.valid("param");
      const { path } = await invites.get(c.var.actor, id, inviteId);
      const link = new URL(path, publicUrl).href;
      return c.body(qrSvg(link), 200, {
        "content-type": "image/svg+xml",
        "cache-control": "no-cache",
      });
    });
}
