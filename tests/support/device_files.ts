/**
 * Real device files for tests, in the folder that `DEVICE_FILES` names. They are people's own
 * recordings and no part of the repository: without the variable such tests are skipped.
 *
 * @module
 */

const folder = Deno.env.get("DEVICE_FILES");

/** Whether the folder is there; tests that need it set `ignore: !hasDeviceFiles`. */
export const hasDeviceFiles = Boolean(folder);

/** The name of a test over device files, with the reason when it is going to be skipped. */
export function deviceFilesTest(name: string): string {
  return hasDeviceFiles ? name : `${name} (skipped: DEVICE_FILES is not set)`;
}

/** The bytes of one device file. */
export function readDeviceFileBytes(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(`${folder}/${name}`);
}
