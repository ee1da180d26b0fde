/** The version of the product, shown by `/health`, the banner and the API document. */
export const VERSION = "0.1.0";
