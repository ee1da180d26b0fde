/** Development only: reloads the page when another process answers. */

let first: string | undefined;

new EventSource("/_fresh/alive").onmessage = ({ data }: MessageEvent<string>) => {
  first ??= data;
  if (first !== data) location.reload();
};
