/** Forms with a file that may be large: their fields as ever, the file on its own. */

import type { Upload, UploadsService } from "@/services/activity/uploads.ts";
import { readField, readMultipart } from "./multipart.ts";

/** A form that was taken in. Disposing forgets its file, unless somebody keeps it. */
export interface UploadForm extends AsyncDisposable {
  /** The fields; in the place of the file stands an empty one of its name. */
  fields: FormData;
  /** The first file. */
  upload: Upload | undefined;
  /** All of them, where several may come. */
  uploads: readonly Upload[];
}

/** The field of the file, on every form that uploads. */
const FILE_FIELD = "file";

/**
 * Reads a form to its end; files beyond `filesMax` are taken for fields, which they are too large
 * for. Fails with `BAD_REQUEST` when it is damaged, and what its body is held to.
 */
export async function readUploadForm(
  request: Request,
  service: UploadsService,
  { filesMax = 1 }: { filesMax?: number } = {},
): Promise<UploadForm> {
  const fields = new FormData();
  const uploads: Upload[] = [];
  const forget = async () => {
    for (const upload of uploads) await upload[Symbol.asyncDispose]();
  };
  try {
    for await (const part of readMultipart(request)) {
      const isFile = part.name === FILE_FIELD && part.fileName !== undefined;
      if (!isFile || uploads.length >= filesMax) {
        fields.append(part.name, await readField(part));
        continue;
      }
      uploads.push(await service.receive(part.fileName!, part.chunks));
      fields.append(FILE_FIELD, new File([], part.fileName!));
    }
  } catch (error) {
    await forget();
    throw error;
  }
  return { fields, upload: uploads[0], uploads, [Symbol.asyncDispose]: forget };
}
