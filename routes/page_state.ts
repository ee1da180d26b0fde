/**
 * What happens before every page: who asks, in which zone they read, which message waits for them,
 * and whether a posted form is theirs.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import type { Context, Middleware } from "fresh";
import type { ApiDocument } from "@/components/docs/api_document.ts";
import type { Viewer } from "@/components/TimeText.tsx";
import type { Settings } from "@/contracts/settings.ts";
import type { Profile } from "@/contracts/users.ts";
import type { Actor, CallOrigin, UserActor } from "@/domain/actor.ts";
import { DomainError } from "@/domain/error.ts";
import type { Clock } from "@/platform/clock.ts";
import type { Services } from "@/services/mod.ts";
import { isMultipart } from "./multipart.ts";
import { isSharedByBrowser, SHARE_PATH, SHARED_FILES_MAX } from "./share_target.ts";
import { readUploadForm, type UploadForm } from "./upload_form.ts";
import { cookieIn, flashIn, readFlashCookie, sessionCookieName } from "./cookies.ts";
import type { State } from "./define.ts";

export interface PageStateDeps {
  services: Services;
  clock: Clock;
  /** Request id and address as the server's own middleware found them. */
  originOf(req: Request): CallOrigin;
  /** The token that forms of this session must carry. */
  csrfTokenOf(sessionId: string): string | Promise<string>;
  /** Scheme and host for links; null takes those of the request. */
  publicUrl: string | null;
  /** True behind HTTPS. */
  isSecure: boolean;
  /** The OpenAPI document of this server. */
  apiDocument(): ApiDocument;
}

const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];

/** Fills `ctx.state`; refuses forms without the session's token with `CSRF_FAILED`. */
export function pageState(deps: PageStateDeps): Middleware<State> {
  return async function pageState(ctx) {
    const cookies = ctx.req.headers.get("cookie");
    const origin = deps.originOf(ctx.req);
    const actor = await actorOf(deps, cookies, origin);
    const [person, settings] = await Promise.all([
      actor.kind === "user" ? personOf(deps.services, actor) : null,
      deps.services.settings.current(),
    ]);
    ctx.state = {
      services: deps.services,
      actor: person ? actor : { kind: "anonymous", ...origin },
      account: person?.account ?? null,
      view: viewOf(person?.profile, settings),
      csrfToken: actor.kind === "user" ? await deps.csrfTokenOf(actor.sessionId) : "",
      requestId: origin.requestId ?? "",
      origin: { ...origin, userAgent: ctx.req.headers.get("user-agent") ?? undefined },
      publicUrl: deps.publicUrl ?? ctx.url.origin,
      isSecure: deps.isSecure,
      settings,
      flash: flashIn(cookies),
      reviewsWaiting: 0,
      noticesUnread: 0,
      form: new FormData(),
      upload: undefined,
      uploads: [],
      apiDocument: deps.apiDocument,
      nowMs: deps.clock.now(),
    };
    await using upload = await uploadIn(ctx);
    if (upload) Object.assign(ctx.state, { upload: upload.upload, uploads: upload.uploads });
    if (isForm(ctx)) ctx.state.form = await checkedForm(ctx, upload?.fields);
    return finish(ctx, await ctx.next());
  };
}

async function actorOf(
  { services, isSecure }: PageStateDeps,
  cookies: string | null,
  origin: CallOrigin,
): Promise<Actor> {
  const cookie = cookieIn(cookies, sessionCookieName(isSecure));
  const user = cookie ? await services.accounts.authenticateCookie(cookie) : undefined;
  return user ? { ...user, ...origin } : { kind: "anonymous", ...origin };
}

/** Null when the session outlived its person for the moment that caches take. */
async function personOf(services: Services, actor: UserActor) {
  try {
    const [account, profile] = await Promise.all([
      services.accounts.me(actor),
      services.users.getProfile(actor, actor.userId),
    ]);
    return { account, profile };
  } catch (error) {
    if (error instanceof DomainError && error.status < 500) return null;
    throw error;
  }
}

/** Whoever has not chosen a zone reads in the platform's, and on the page in the browser's own. */
function viewOf(profile: Profile | undefined, { defaultTimeZone }: Readonly<Settings>): Viewer {
  const { timeZone = "UTC", locale = "en" } = profile ?? {};
  const isChosen = timeZone !== "UTC";
  return { timeZone: isChosen ? timeZone : defaultTimeZone, locale, isChosen };
}

/** Pages that take large files, and how many at once. */
const UPLOAD_PATHS: Readonly<Record<string, number>> = {
  "/me/upload": 1,
  [SHARE_PATH]: SHARED_FILES_MAX,
};

/** The form of an upload, of somebody signed in; any other is small enough to be read at once. */
async function uploadIn({ req, url, state }: Context<State>): Promise<UploadForm | undefined> {
  const filesMax = UPLOAD_PATHS[url.pathname];
  if (req.method !== "POST" || filesMax === undefined || state.actor.kind !== "user") return;
  if (isMultipart(req.headers)) {
    return await readUploadForm(req, state.services.uploads, { filesMax });
  }
  // Read at once it could fill the memory: these paths take what others may not.
  throw new DomainError("UNSUPPORTED_MEDIA_TYPE", "Cannot read the file: send it as a form");
}

/** Whether there is a form to read: what strangers upload is not, they are sent to the sign-in. */
function isForm({ req, url, state }: Context<State>): boolean {
  return req.method === "POST" && (state.actor.kind === "user" || !(url.pathname in UPLOAD_PATHS));
}

async function checkedForm(ctx: Context<State>, given?: FormData): Promise<FormData> {
  const { req, state } = ctx;
  const form = given ?? await readForm(req);
  if (state.actor.kind !== "user" || isSharedByBrowser(ctx)) return form;
  if (!isSameText(form.get("_csrf"), state.csrfToken)) {
    throw new DomainError("CSRF_FAILED", "Cannot accept the form: it is too old, open it again");
  }
  return form;
}

async function readForm(req: Request): Promise<FormData> {
  const type = req.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (!FORM_TYPES.includes(type)) {
    throw new DomainError("UNSUPPORTED_MEDIA_TYPE", "Cannot read the form: send it as a form");
  }
  try {
    return await req.formData();
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError("BAD_REQUEST", "Cannot read the form: it is damaged", { cause });
  }
}

function isSameText(given: FormDataEntryValue | null, wanted: string): boolean {
  if (typeof given !== "string" || given.length !== wanted.length) return false;
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(given), encoder.encode(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Pages depend on who asks; a message that was shown is forgotten. */
function finish({ state }: Context<State>, res: Response): Response {
  if (!res.headers.has("cache-control")) res.headers.set("cache-control", "private, no-cache");
  res.headers.append("vary", "cookie");
  const isPage = res.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (state.flash && isPage) {
    res.headers.append("set-cookie", readFlashCookie(state.isSecure));
  }
  return res;
}
