import { type FrameMiddleware, framing } from "./one_level.ts";
import { setResponseHeaders } from "./response_headers.ts";

/** Features of the browser that no page here uses. */
const FEATURES_OFF = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "usb",
].map((feature) => `${feature}=()`).join(", ");

/** Fields of every answer. `X-XSS-Protection: 0` turns off a filter that did harm. */
const ALWAYS: readonly [string, string][] = [
  // Ignored over plain http, so it needs no condition. Two years, as the preload list asks.
  ["strict-transport-security", "max-age=63072000"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "strict-origin-when-cross-origin"],
  ["permissions-policy", FEATURES_OFF],
  ["cross-origin-opener-policy", "same-origin"],
  ["x-xss-protection", "0"],
];

/** An answer of the API is never a page: nothing in it may load or run, nothing may keep it. */
const API: readonly [string, string][] = [
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
  ["cache-control", "no-store"],
];

/** All fields of an answer of the API, but for those that its handler sets itself. */
const API_FIELDS: readonly (readonly [string, string])[] = [...ALWAYS, ...API];

/**
 * The fields of an answer of the API. "Not modified" names none of them: it tells a client to use the
 * answer that it has, and that one keeps the fields it came with (RFC 9110, 15.4.5).
 */
export function apiSecurityFields(status: number): readonly (readonly [string, string])[] {
  return status === 304 ? [] : API_FIELDS;
}

const API_PATH = /^\/(api|health|metrics|csrf-token)(\/|$)|^\/openapi\.json$/;

/** Sets what a browser needs to be strict; a field the handler set itself stays. */
export function securityHeaders(): FrameMiddleware {
  return framing((c) => () => {
    const { status } = c.res;
    const fields = API_PATH.test(c.req.path) ? apiSecurityFields(status) : ALWAYS;
    setResponseHeaders(c, fields, { isDefault: true });
  });
}
