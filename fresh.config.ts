import type { FreshConfig } from "fresh";

/** Where pages, islands and static files live; the same for serving and for building ahead. */
export default {
  root: new URL("./", import.meta.url),
  // API, middleware and sockets share routes/ with the pages.
  ignore: [/^(api|middleware|ws)\//, /(^|\/)[^_/][^/]*\.ts$/],
} satisfies FreshConfig;
