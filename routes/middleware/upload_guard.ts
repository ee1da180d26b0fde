import { DomainError } from "@/domain/error.ts";
import type { UploadsService } from "@/services/activity/uploads.ts";
import type { AppMiddleware } from "../app_env.ts";
import { isMultipart } from "../multipart.ts";
import { readUploadForm } from "../upload_form.ts";

/**
 * Takes the form of an upload in as it comes, for the signed-in alone. The validator then finds its
 * fields, and the handler the file in `c.var.upload`, which is forgotten after the answer.
 */
export function uploadGuard(uploads: UploadsService): AppMiddleware {
  return async function uploadGuard(c, next) {
    if (c.var.actor.kind === "anonymous") {
      throw new DomainError("UNAUTHORIZED", "Cannot take the file: sign in first");
    }
    if (!isMultipart(c.req.raw.headers)) {
      throw new DomainError("BAD_REQUEST", "Cannot read the body: it is not a multipart form");
    }
    await using form = await readUploadForm(c.req.raw, uploads);
    // Hono keeps promises and values there, whatever its types say.
    Object.assign(c.req.bodyCache, { formData: form.fields });
    c.set("upload", form.upload);
    await next();
  };
}
