import { DomainError } from "@/domain/error.ts";
import { checking, type CheckMiddleware } from "./one_level.ts";

/** Longer addresses are attacks or mistakes; our longest have about 300 characters. */
const URL_LENGTH_MAX = 4_096;
/** Load balancers probe with HTTP/1.0, which knows no Host. */
const PROBE = /^\/(health|metrics)(\/|$)/;
/** PostgreSQL takes no NUL in a text, and no file system in a name. */
const NUL = /%00/;

/** Methods that no `Request` can be made with, so that whoever copies one would fail. */
const FORBIDDEN_METHODS: readonly string[] = ["CONNECT", "TRACE", "TRACK"];
const METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/** Refuses requests that no handler can read: a method of proxies, no Host, broken encoding, NUL, an endless address. */
export function requestSanity(): CheckMiddleware {
  return checking((c) => {
    const { url, method } = c.req;
    if (FORBIDDEN_METHODS.includes(method.toUpperCase())) {
      c.header("Allow", METHODS);
      throw new DomainError("METHOD_NOT_ALLOWED", `Cannot ${method}: it takes ${METHODS}`);
    }
    if (url.length > URL_LENGTH_MAX) {
      throw refusal(`its address is longer than ${URL_LENGTH_MAX} characters`);
    }
    if (!URL.canParse(url)) throw refusal("its Host is not valid");
    if (!hasHost(c.req.header("host"), url, c.env?.info) && !PROBE.test(c.req.path)) {
      throw refusal("it names no Host");
    }
    if (url.includes("%")) checkEncoding(url, c.req.path);
  });
}

function refusal(state: string): DomainError {
  return new DomainError("BAD_REQUEST", `Cannot answer the request: ${state}`);
}

/** HTTP/2 carries the host in the address; the server puts "localhost" there where none came. */
function hasHost(host: string | undefined, url: string, info: object | undefined): boolean {
  if (host !== undefined || info === undefined) return host !== "";
  return new URL(url).hostname !== "localhost";
}

function checkEncoding(url: string, path: string): void {
  if (NUL.test(url)) throw refusal("its address holds the character NUL");
  try {
    decodeURIComponent(path);
  } catch (cause) {
    throw new DomainError("BAD_REQUEST", "Cannot answer the request: its path is not valid UTF-8", {
      cause,
    });
  }
}
