/** The frames of clients, read with distrust, and the small frames that answer them. */

import { ClientFrame, type ServerFrame } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";

/** Reads a client's frame. Fails with `VALIDATION_ERROR`. */
export function readClientFrame(text: string): ClientFrame {
  const parsed = ClientFrame.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "frame";
  throw new DomainError("VALIDATION_ERROR", `Cannot read frame: ${field}: ${issue?.message}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DomainError("VALIDATION_ERROR", "Cannot read frame: it is not JSON", {
      cause: error,
    });
  }
}

/** The `error` frame of a refusal. */
export function errorFrame({ code, message }: DomainError): string {
  return JSON.stringify({ type: "error", code, message } satisfies ServerFrame);
}

/** The answer to `ping`. */
export const PONG = JSON.stringify({ type: "pong" } satisfies ServerFrame);
