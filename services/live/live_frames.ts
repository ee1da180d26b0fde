/** The frames of clients, read with distrust, and the small frames that answer them. */

import { AnnouncementFrame, ClientFrame, type ServerFrame } from "@/contracts/leaderboard.ts";
import { DomainError } from "@/domain/error.ts";
import type { Topic } from "../boards/broker.ts";

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

/** Words of the organiser, as viewers get them. */
export type Announcement = Omit<Extract<ServerFrame, { type: "announcement" }>, "type">;

/** Announcements to the viewers of a competition, under its id. */
export const ANNOUNCEMENTS: Topic<Announcement> = {
  name: "announcement",
  schema: AnnouncementFrame.omit({ type: true }),
};

/** The `announcement` frame. */
export function announcementFrame(announcement: Announcement): string {
  return JSON.stringify({ type: "announcement", ...announcement } satisfies ServerFrame);
}

/** The `error` frame of a refusal. */
export function errorFrame({ code, message }: DomainError): string {
  return JSON.stringify({ type: "error", code, message } satisfies ServerFrame);
}

/** The answer to `ping`. */
export const PONG = JSON.stringify({ type: "pong" } satisfies ServerFrame);
