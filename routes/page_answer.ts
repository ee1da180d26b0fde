/** Answers that page handlers share: redirects with a message, and the way to the sign-in. */

import type { Context } from "fresh";
import type { FlashMessage } from "@/components/Flash.tsx";
import { DomainError } from "@/domain/error.ts";
import type { UserActor } from "@/domain/actor.ts";
import { flashCookie } from "./cookies.ts";
import type { State } from "./define.ts";

/** Redirects after a POST (303), with a message that the next page shows once. */
export function seeOther(ctx: Context<State>, path: string, flash?: FlashMessage): Response {
  const res = ctx.redirect(path, 303);
  if (flash) res.headers.append("set-cookie", flashCookie(flash, ctx.state.isSecure));
  return res;
}

/** The path to return to after signing in; only paths of this site.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { safePath } from "@/routes/page_answer.ts";
 *
 * assertEquals(safePath("/me?x=1", "/"), "/me?x=1");
 * assertEquals(safePath("//evil.example", "/"), "/");
 * assertEquals(safePath("https://evil.example", "/"), "/");
 * ```
 */
export function safePath(path: string | null, fallback: string): string {
  return path !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : fallback;
}

/** Sends a visitor to the sign-in and back here afterwards. */
export function toSignIn(ctx: Context<State>): Response {
  const next = ctx.req.method === "GET" ? ctx.url.pathname + ctx.url.search : "/";
  return ctx.redirect(`/sign-in?next=${encodeURIComponent(next)}`, 303);
}

/** The signed-in person of pages that lie behind the sign-in. */
export function personIn(state: State): UserActor {
  if (state.actor.kind === "user") return state.actor;
  throw new DomainError("UNAUTHORIZED", "Cannot show this page: sign in first");
}

/** Runs an action; a refusal comes back as its error, everything else passes. */
export async function refusalOf(action: () => Promise<unknown>): Promise<DomainError | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.status < 500) return error;
    throw error;
  }
}
