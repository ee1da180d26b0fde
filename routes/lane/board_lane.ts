/** Reads of boards that lie in memory, answered in the turn in which they come. */

import type { BoardText, LeaderboardService } from "@/services/leaderboard/leaderboard.ts";
import {
  type BoardBodyForm,
  boardFields,
  etagOf,
  GZIP_MIN_BYTES,
  isKnown,
  takesGzip,
} from "../api/board_answer.ts";
import type { RecordServed } from "../middleware/access_log.ts";
import { fieldsOf, type RequestFields } from "../request_fields.ts";
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
import { RepeatedAnswer } from "./head.ts";
import type { Destination } from "./known_addresses.ts";

export interface BoardLaneDeps extends LaneDeps {
  leaderboard: Pick<LeaderboardService, "boardTextNow">;
  record: RecordServed;
}

type BoardDestination = Extract<Destination, { kind: "board" }>;

/** The pattern of the route, as the framework knows it. */
export const BOARD_PATH = "/api/v1/leaderboard/:competitionId";
const KIND = { method: "GET", path: BOARD_PATH };

export function createBoardLane(deps: BoardLaneDeps): Lane {
  const answersOf = createBoardAnswers();
  const limits = limitsOf(deps, KIND);
  return (req, info, address) => {
    const { destination } = address;
    if (req.method !== "GET" || destination.kind !== "board") return undefined;
    const fields = fieldsOf(req);
    // A body that nobody reads is told in the log, and by hardly anybody.
    if (fields.get("content-length") !== null) return undefined;
    let call: LaneCall | undefined;
    try {
      call = beginCall(deps, fields, info, address);
      if (!call) return undefined;
      const answer = answerBoard(deps, { answersOf, limits }, call, destination);
      if (answer) return answer;
    } catch {
      // Whatever is wrong, the ordinary road finds it too, and knows how to tell.
    }
    return call && deps.ordinary(req, info, call);
  };
}

function answerBoard(
  deps: BoardLaneDeps,
  { answersOf, limits }: { answersOf: (text: BoardText) => BoardAnswers; limits: KindLimits },
  call: LaneCall,
  { competitionId, query }: BoardDestination,
): Response | undefined {
  const text = deps.leaderboard.boardTextNow(call.actor, competitionId, query);
  const chosen = text && answersOf(text).choose(call.fields);
  const isAllowed = chosen && takeAddressLimit(deps, call, limits) &&
    takeCallerLimit(deps, call, limits);
  if (!isAllowed) return undefined;
  const { answer, bytes } = chosen;
  const response = answer.to(call);
  endCall(deps, deps.record, call, { status: answer.status, responseBytes: bytes });
  return response;
}

interface Chosen {
  answer: RepeatedAnswer;
  bytes: number | undefined;
}

/** The answers that a board's text can have, made when first wanted. */
class BoardAnswers {
  readonly #text: BoardText;
  readonly #etag: string;
  #notModified: Chosen | undefined;
  #plain: Chosen | undefined;
  #zipped: Chosen | undefined;

  constructor(text: BoardText) {
    this.#text = text;
    this.#etag = etagOf(text);
  }

  /** What a client with these header fields gets; undefined while that is still being compressed. */
  choose(fields: RequestFields): Chosen | undefined {
    if (isKnown(fields.get("if-none-match"), this.#etag)) {
      return this.#notModified ??= this.#of("none", null);
    }
    const isLarge = this.#text.byteLength >= GZIP_MIN_BYTES;
    if (isLarge && takesGzip(fields.get("accept-encoding"))) return this.#compressed();
    return this.#plain ??= this.#of("plain", encoder.encode(this.#text.text()));
  }

  #compressed(): Chosen | undefined {
    if (!this.#zipped) {
      this.#text.gzip().then(
        (bytes) => this.#zipped ??= this.#of("gzip", bytes),
        () => {},
      );
    }
    return this.#zipped;
  }

  #of(form: BoardBodyForm, body: Uint8Array<ArrayBuffer> | null): Chosen {
    const status = body === null ? 304 : 200;
    return {
      answer: new RepeatedAnswer(body, { status, fields: boardFields(this.#text, form) }),
      bytes: body?.byteLength,
    };
  }
}

const encoder = new TextEncoder();

/** The answers go when their text goes. */
function createBoardAnswers(): (text: BoardText) => BoardAnswers {
  const known = new WeakMap<BoardText, BoardAnswers>();
  return (text) => {
    let answers = known.get(text);
    if (!answers) known.set(text, answers = new BoardAnswers(text));
    return answers;
  };
}
