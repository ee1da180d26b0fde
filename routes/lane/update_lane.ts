/** Score updates, one or a batch: as short a way to the queue as the rules allow. */

import { Buffer } from "node:buffer";
import type { Actor } from "@/domain/actor.ts";
import { KEY_HEADER } from "../api/leaderboard_updates.ts";
import type { RecordServed } from "../middleware/access_log.ts";
import { type BodyLimitOptions, bytesMaxOf, declaredLength } from "../middleware/body_limit.ts";
import { parseBody, readText } from "../middleware/json_guard.ts";
import { fieldsOf } from "../request_fields.ts";
import {
  beginCall,
  endCall,
  type KindLimits,
  type Lane,
  type LaneCall,
  type LaneDeps,
  limitsOf,
  takeAddressLimit,
  takeCallerLimit,
} from "./call.ts";
import { createJsonHead } from "./head.ts";

export interface UpdateLaneDeps extends LaneDeps {
  bodyLimit: BodyLimitOptions;
}

/** One of the two paths that take scores. */
export interface ScorePath {
  path: string;
  record: RecordServed;
  /** Validates what came and gives it to the service. */
  send(actor: Actor, body: unknown, key: string | undefined): Promise<unknown>;
}

export function createUpdateLane(deps: UpdateLaneDeps, target: ScorePath): Lane {
  const limits = limitsOf(deps, { method: "POST", path: target.path });
  const bytesMax = bytesMaxOf(deps.bodyLimit, target.path);
  const answer = createAnswer(deps, { ...target, limits });
  return (req, info, address) => {
    if (req.method !== "POST") return undefined;
    const fields = fieldsOf(req);
    if (fields.get("content-type") !== "application/json") return undefined;
    const requestBytes = declaredLength(fields);
    if (requestBytes === undefined || requestBytes > bytesMax) return undefined;
    const call = beginCall(deps, fields, info, address);
    // Who is nobody may write nothing, which the ordinary road tells.
    if (!call || call.actor.kind === "anonymous") return undefined;
    if (!takeAddressLimit(deps, call, limits)) return deps.ordinary(req, info, call);
    return answer(req, info, call, requestBytes);
  };
}

function createAnswer(
  deps: UpdateLaneDeps,
  { limits, send, record }: ScorePath & { limits: KindLimits },
) {
  const answerOf = createJsonHead();
  return async function answer(
    req: Request,
    info: Deno.ServeHandlerInfo,
    call: LaneCall,
    requestBytes: number,
  ): Promise<Response> {
    try {
      call.body = readText(req, deps.bodyLimit.timeoutMs);
      const body = parseBody(await call.body);
      if (!takeCallerLimit(deps, call, limits)) return await deps.ordinary(req, info, call);
      call.sent = send(call.actor, body, call.fields.get(KEY_HEADER) ?? undefined);
      const text = JSON.stringify({ success: true, data: await call.sent });
      const response = answerOf(call, text);
      const responseBytes = Buffer.byteLength(text);
      endCall(deps, record, call, { status: response.status, requestBytes, responseBytes });
      return response;
    } catch {
      // The ordinary road meets the same fault, or its promise, and knows how to tell.
      return await deps.ordinary(req, info, call);
    }
  };
}
