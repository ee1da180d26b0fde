/** The part of `@std/assert` this project uses, over `node:assert`: JSR cannot be reached where it is built. */
import nodeAssert from "node:assert/strict";

/** Throws unless the value is truthy. */
export function assert(actual: unknown, message?: string): asserts actual {
  nodeAssert.ok(actual, message);
}

/** Deep, strict equality. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** Deep, strict inequality. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Throws when the value is null or undefined. */
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  nodeAssert.ok(actual !== null && actual !== undefined, message ?? "Expected a value");
}

/** Throws unless the text contains the part. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  nodeAssert.ok(
    actual.includes(expected),
    message ?? `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

/** Throws unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  nodeAssert.match(actual, expected, message);
}

/** Throws unless the numbers differ by at most the tolerance. */
export function assertAlmostEquals(actual: number, expected: number, tolerance = 1e-7): void {
  nodeAssert.ok(
    Math.abs(actual - expected) <= tolerance,
    `Expected ${actual} to be within ${tolerance} of ${expected}`,
  );
}

/** Calls the function, which must throw an instance of the class, and returns that error. */
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  // deno-lint-ignore no-explicit-any -- a constructor's parameters are contravariant, only `any[]` admits all
  ErrorClass?: new (...parameters: any[]) => E,
  messageIncludes = "",
): E {
  try {
    run();
  } catch (error) {
    return checkError(error, ErrorClass, messageIncludes);
  }
  throw new nodeAssert.AssertionError({ message: "Expected the function to throw" });
}

/** Awaits the function, which must reject with an instance of the class, and returns that error. */
export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- as above
  ErrorClass?: new (...parameters: any[]) => E,
  messageIncludes = "",
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return checkError(error, ErrorClass, messageIncludes);
  }
  throw new nodeAssert.AssertionError({ message: "Expected the promise to reject" });
}

function checkError<E extends Error>(
  error: unknown,
  // deno-lint-ignore no-explicit-any -- as above
  ErrorClass: (new (...parameters: any[]) => E) | undefined,
  messageIncludes: string,
): E {
  if (ErrorClass) {
    nodeAssert.ok(error instanceof ErrorClass, `Expected ${ErrorClass.name}, got ${error}`);
  }
  assertStringIncludes(String((error as Error).message), messageIncludes);
  return error as E;
}
