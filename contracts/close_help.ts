/** What every close code of the socket means and what to do: the table of `/docs/socket`. */

import type { CLOSE_CODES } from "./leaderboard.ts";

/** Cause and cure of one close code. */
export interface CloseHelp {
  cause: string;
  fix: string;
  /** Whether connecting again by itself makes sense. */
  retry: "at once" | "with backoff" | "after a change" | "no";
}

export const CLOSE_HELP: Record<keyof typeof CLOSE_CODES, CloseHelp> = {
  UNSUPPORTED: {
    cause: "You sent a binary frame.",
    fix: "Send JSON in text frames.",
    retry: "after a change",
  },
  TOO_LARGE: {
    cause: "A frame of yours is longer than a good one can be.",
    fix: "Send only the frames described here.",
    retry: "after a change",
  },
  FAILED: {
    cause: "Something failed on our side; it was logged.",
    fix: "Connect again, waiting longer each time.",
    retry: "with backoff",
  },
  RESTART: {
    cause: "The server stops or starts anew.",
    fix: "Connect again and resume with your epoch and offset.",
    retry: "with backoff",
  },
  BAD_REQUEST: {
    cause: "A query parameter breaks a rule.",
    fix: "Correct token, top, epoch or offset in the address.",
    retry: "after a change",
  },
  UNAUTHORIZED: {
    cause: "The board needs somebody signed in, and the token is absent or not good.",
    fix: "Get a token from POST /api/v1/auth/login and connect with it.",
    retry: "after a change",
  },
  FORBIDDEN: {
    cause: "The signed-in person may not see this board, or another site opened the socket.",
    fix: "Join the competition, or ask its organiser.",
    retry: "no",
  },
  NOT_FOUND: {
    cause: "There is no such competition, or it is not visible to you.",
    fix: "Check the id or slug.",
    retry: "no",
  },
  TOO_SLOW: {
    cause: "You did not read for a long time, so that frames piled up.",
    fix: "Connect again and resume; show a smaller window with `top`.",
    retry: "with backoff",
  },
  TOKEN_EXPIRED: {
    cause: "The access token came to its end.",
    fix: "Refresh it, connect with the new one and resume.",
    retry: "at once",
  },
  TOO_MANY: {
    cause: "Too many sockets of one caller, or too many frames in a short time.",
    fix: "Share one socket between the parts of your app.",
    retry: "with backoff",
  },
};
