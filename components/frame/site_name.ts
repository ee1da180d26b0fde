/** What the platform is called here. */

import { createContext } from "preact";

/** The product's own name, until an admin gives another. */
export const SITE_NAME_DEFAULT = "Paceboard";

/** The platform's name, for titles and frames of pages. */
export const SiteName = createContext(SITE_NAME_DEFAULT);
