/**
 * Board answers as text, made once for each version of a board and shared by all who ask for the same
 * part of it: serialised when the first asks, compressed when the first wants that, forgotten when the
 * board changes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { BoardQuery } from "@/contracts/leaderboard.ts";
import { WINDOW_DEFAULT } from "@/contracts/leaderboard.ts";
import type { Actor } from "@/domain/actor.ts";
import { answerBoard, type BoardAnswer, tagOf } from "./board_window.ts";
import type { BoardView } from "./boards.ts";

/** An answer that may be shared. */
export interface BoardText {
  /** For `ETag`, without quotes; the same while nothing in this actor's answer changes. */
  readonly tag: string;
  /** The whole body. Fails as `answerBoard`. */
  text(): string;
  /** Bytes of the body in UTF-8. */
  readonly byteLength: number;
  /** The body, compressed. */
  gzip(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Gives answers; keeps those of boards that are still in memory. */
export interface BoardAnswers {
  of(actor: Actor, view: BoardView, query: BoardQuery): BoardText;
}

/** An answer as text that nobody else will ask for. */
export function textOf(answer: BoardAnswer): BoardText {
  return new SharedText(answer.tag, () => serialise(answer));
}

/** Parts of one board that are kept: pages, divisions, people. Some 10 KB each. */
const PARTS_MAX = 256;
const GZIP_LEVEL = 6;
const compress = promisify(gzip);

/** The parts of one version of a board. */
interface Parts {
  version: string;
  texts: Map<string, BoardText>;
}

export function createBoardAnswers(): BoardAnswers {
  const boards = new WeakMap<object, Map<string, Parts>>();
  function partsOf(view: BoardView): Parts {
    const { source, version } = view;
    let audiences = boards.get(source);
    if (!audiences) boards.set(source, audiences = new Map<string, Parts>());
    const known = audiences.get(view.audience);
    if (known?.version === version) return known;
    const parts = { version, texts: new Map<string, BoardText>() };
    audiences.set(view.audience, parts);
    return parts;
  }
  return {
    of(actor, view, query) {
      const { texts } = partsOf(view);
      const key = partOf(actor, view, query);
      const known = texts.get(key);
      if (known) return known;
      const answer = new SharedText(
        tagOf(actor, view, query),
        () => serialise(answerBoard(actor, view, query)),
      );
      if (texts.size >= PARTS_MAX) texts.clear();
      texts.set(key, answer);
      return answer;
    },
  };
}

/** Names the part of the board; two requests for the same rows have the same name. */
function partOf(actor: Actor, view: BoardView, query: BoardQuery): string {
  if (query.around === "me") {
    return `me|${ownPart(actor, view)}|${query.division}|${query.page_size}`;
  }
  let name = partNames.get(query);
  if (name === undefined) partNames.set(query, name = partName(query));
  return name;
}

/** Most requests bring a query that was validated before, the same object each time. */
const partNames = new WeakMap<BoardQuery, string>();

function partName(
  { page, page_size: pageSize, top, around, cursor, division }: BoardQuery,
): string {
  const isTop = page === undefined && pageSize === undefined && !around && !cursor;
  return [isTop ? top ?? WINDOW_DEFAULT : top, page, pageSize, around, cursor, division].join("|");
}

/** The own score of a frozen board moves while the board's version stands. */
function ownPart(actor: Actor, view: BoardView): string {
  if (actor.kind !== "user") return "";
  return view.frozen ? `${actor.userId}|${view.own(actor.userId)?.score ?? "-"}` : actor.userId;
}

function serialise({ board, meta }: BoardAnswer): string {
  const body = { success: true, data: board };
  return JSON.stringify(meta ? { ...body, meta } : body);
}

class SharedText implements BoardText {
  readonly tag: string;
  readonly #make: () => string;
  #text: string | undefined;
  #byteLength: number | undefined;
  #gzip: Promise<Uint8Array<ArrayBuffer>> | undefined;

  constructor(tag: string, make: () => string) {
    this.tag = tag;
    this.#make = make;
  }

  text(): string {
    return this.#text ??= this.#make();
  }

  get byteLength(): number {
    return this.#byteLength ??= Buffer.byteLength(this.text());
  }

  gzip(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#gzip ??= compress(this.text(), { level: GZIP_LEVEL })
      .then((bytes) => new Uint8Array(bytes));
  }
}
