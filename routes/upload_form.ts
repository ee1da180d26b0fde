/** Forms with a file that may be large: their fields as ever, the file on its own. */

import type { Upload, UploadsService } from "@/services/uploads.ts";
import { readField, readMultipart } from "./multipart.ts";

/** A form that was taken in. Disposing forgets its file, unless somebody keeps it. */
export interface UploadForm extends AsyncDisposable {
  /** The fields; in the place of the file stands an empty one of its name. */
  fields: FormData;
  upload: Upload | undefined;
}

/** The field of the file, on every form that uploads. */
const FILE_FIELD = "file";

/** Reads a form to its end. Fails with `BAD_REQUEST` when it is damaged, and what its body is held to. */
export async function readUploadForm(
  request: Request,
  uploads: UploadsService,
): Promise<UploadForm> {
  const fields = new FormData();
  let upload: Upload | undefined;
  try {
    for await (const part of readMultipart(request)) {
      const isFile = part.name === FILE_FIELD && part.fileName !== undefined;
      if (!isFile || upload) {
        fields.append(part.name, await readField(part));
        continue;
      }
      upload = await uploads.receive(part.fileName!, part.chunks);
      fields.append(FILE_FIELD, new File([], part.fileName!));
    }
  } catch (error) {
    await upload?.[Symbol.asyncDispose]();
    throw error;
  }
  return {
    fields,
    upload,
    async [Symbol.asyncDispose]() {
      await upload?.[Symbol.asyncDispose]();
    },
  };
}
