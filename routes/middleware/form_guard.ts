import { DomainError } from "@/domain/error.ts";
import type { AppContext, AppMiddleware } from "../app_env.ts";

/**
 * Reads a multipart form for the signed-in alone, and once: the validator would read it as bytes
 * first, and make of whatever is wrong with them a 400.
 */
export function formGuard(): AppMiddleware {
  return async function formGuard(c, next) {
    if (c.var.actor.kind === "anonymous") {
      throw new DomainError("UNAUTHORIZED", "Cannot take the file: sign in first");
    }
    // Hono keeps promises and values there, whatever its types say.
    Object.assign(c.req.bodyCache, { formData: await readForm(c) });
    await next();
  };
}

async function readForm(c: AppContext): Promise<FormData> {
  try {
    return await c.req.raw.formData();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError("BAD_REQUEST", "Cannot read the body: it is not a multipart form", {
      cause: error,
    });
  }
}
