import type { Hook } from "@hono/zod-openapi";
import type { AppEnv } from "../app_env.ts";
import { validationError } from "../failure.ts";

/** What a fault names that lies in no single field, by where the input came from. */
const WHOLE: Readonly<Record<string, string>> = {
  query: "query",
  param: "path",
  header: "headers",
};

/** `defaultHook` of every OpenAPIHono here: input that fails its schema goes to `onError`. */
// deno-lint-ignore no-explicit-any -- the hook of all schemas is contravariant in their output
export const validationHook: Hook<any, AppEnv, any, any> = (result) => {
  if (!result.success) throw validationError(result.error, WHOLE[result.target]);
};
