/**
 * Middleware of two simple shapes. A check looks at the request and throws to refuse it; a frame
 * notes something on the way in and completes the answer on the way out. Many of one shape share one
 * level of the framework, for each level costs two promises and two closures, whatever it does.
 *
 * @module
 */

import type { AppContext, AppMiddleware } from "../app_env.ts";

/** Throws to refuse the request; a promise only where it has to wait. */
export type Check = (c: AppContext) => void | Promise<void>;

/** What to do with the finished answer. Must not throw on the way in: nobody would log that. */
export type Frame = (c: AppContext) => () => void | Promise<void>;

export type CheckMiddleware = AppMiddleware & { readonly check: Check };
export type FrameMiddleware = AppMiddleware & { readonly frame: Frame };

/** A check as middleware of its own. */
export function checking(check: Check): CheckMiddleware {
  return Object.assign(inOneLevel([check]), { check });
}

/** A frame as middleware of its own. */
export function framing(frame: Frame): FrameMiddleware {
  return Object.assign(aroundOneLevel([frame]), { frame });
}

/** Checks one after the other; the first refusal is the answer. */
export function allChecks(...middleware: readonly CheckMiddleware[]): AppMiddleware {
  return inOneLevel(middleware.map(({ check }) => check));
}

/** Frames from the outermost to the innermost, left in the other order. */
export function allFrames(...middleware: readonly FrameMiddleware[]): AppMiddleware {
  return aroundOneLevel(middleware.map(({ frame }) => frame));
}

function inOneLevel(checks: readonly Check[]): AppMiddleware {
  return async function checking(c, next) {
    for (const check of checks) {
      const waiting = check(c);
      if (waiting) await waiting;
    }
    await next();
  };
}

function aroundOneLevel(frames: readonly Frame[]): AppMiddleware {
  return async function framing(c, next) {
    const leaves = frames.map((frame) => frame(c));
    await next();
    for (let index = leaves.length - 1; index >= 0; index--) {
      const waiting = leaves[index]!();
      if (waiting) await waiting;
    }
  };
}
