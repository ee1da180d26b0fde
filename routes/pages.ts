/** The pages as one app: content policy, origin check, static files, state, then `routes/*.tsx`. */

import { App, csp, csrf, type FreshConfig, staticFiles } from "fresh";
import { DomainError } from "@/domain/error.ts";
import type { State } from "./define.ts";
import { failureHeaders } from "./failure.ts";
import { pageState, type PageStateDeps } from "./page_state.ts";

export interface PagesDeps extends PageStateDeps {
  config: FreshConfig;
  /** Told which page's pattern answered, for logs and metrics; null for files and unknown paths. */
  routed(req: Request, route: string | null): void;
  /** What the server's own middleware refused the request for, to be shown as a page. */
  refusalOf(req: Request): DomainError | undefined;
  /** Told of every failure that is answered with 500 or more. */
  report(error: unknown, state: Partial<State>): void;
}

/** Makes the app of all pages; mount its `handler()` behind the API. */
export function createPages(deps: PagesDeps): App<State> {
  const trustedOrigins = deps.publicUrl ? [new URL(deps.publicUrl).origin] : [];
  return new App<State>(deps.config, {
    statusOf: (error) => error instanceof DomainError ? error.status : undefined,
    headersOf: (error) => error instanceof DomainError ? failureHeaders(error) : undefined,
    report: (error, ctx) => deps.report(error, ctx.state),
  })
    .use(async (ctx) => {
      const res = await ctx.next();
      deps.routed(ctx.req, ctx.route);
      return res;
    })
    .use(csp(), (ctx) => {
      const refusal = deps.refusalOf(ctx.req);
      if (refusal) throw refusal;
      return ctx.next();
    })
    .use(staticFiles(), csrf({ trustedOrigins }), pageState(deps))
    .fsRoutes();
}
