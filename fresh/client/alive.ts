/** Development only: reloads the page when another process answers. */

let first: string | undefined;

new EventSource(new URL("../alive", import.meta.url)).onmessage = (
  { data }: MessageEvent<string>,
) => {
  first ??= data;
  if (first !== data) location.reload();
};
