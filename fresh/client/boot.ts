/** Started by pages with islands; `data-hydrated` on the root element tells that they answer. */
import { hydrateIslands } from "./islands.ts";

await hydrateIslands(document);
document.documentElement.dataset.hydrated = "";
