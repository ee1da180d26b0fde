/**
 * The contenders of one board in columns: what places and ranks them, 35 bytes each and 8 more for
 * each step of the tie-break chain. A contender keeps its slot for as long as the table lives.
 *
 * @module
 */

import { grown, roomFor } from "./column_room.ts";
import type { OrderRules } from "./ranking.ts";
import type { TieBreak } from "./rules.ts";
import {
  type Contender,
  type FoldedScore,
  PARTICIPANT_STATUSES,
  type ParticipantStatus,
  type Standing,
} from "./standing.ts";
import { UuidColumn } from "./uuid_column.ts";

/** Keys above all scores: the unranked, then the disqualified. */
export const UNRANKED_KEY = 2 ** 60;
const DISQUALIFIED_KEY = 2 ** 61;

const ACTIVE = PARTICIPANT_STATUSES.indexOf("active");
const WITHDRAWN = PARTICIPANT_STATUSES.indexOf("withdrawn");

/** A standing's part that the table holds. */
export type ContenderRow = Pick<
  Standing,
  "participantId" | "division" | "status" | "score" | "reachedAt"
>;

/** Contenders as columns, as they come from a database; null columns say the usual of everybody. */
export interface ContenderColumns {
  count: number;
  /** 16 bytes each. */
  ids: Uint8Array;
  /** NaN without a score. */
  scores: Float64Array;
  /** Infinity without a score. */
  reachedAt: Float64Array;
  statuses: readonly ParticipantStatus[] | null;
  divisions: readonly (string | null)[] | null;
  /** What the steps of the tie-break chain compare; NaN without a value. */
  steps: Readonly<Partial<Record<TieBreak, Float64Array>>>;
}

/** What places somebody among the ranked, lower first; `steps` follow the chain of the rules. */
export interface OrderKey {
  key: number;
  steps: readonly number[];
  reachedAt: number;
  participantId: string;
}

export class ContenderTable {
  readonly #ids: UuidColumn;
  readonly #sign: 1 | -1;
  readonly #steps: readonly TieBreak[];
  #scores: Float64Array;
  #reachedAt: Float64Array;
  #statuses: Uint8Array;
  #divisions: Uint16Array;
  #chain: Float64Array[];
  readonly #divisionNames: (string | null)[] = [null];

  constructor(rules: OrderRules, room = 0) {
    this.#ids = new UuidColumn(room);
    this.#sign = rules.scoring.direction === "higher" ? -1 : 1;
    this.#steps = rules.tieBreaks;
    this.#scores = new Float64Array(room);
    this.#reachedAt = new Float64Array(room);
    this.#statuses = new Uint8Array(room);
    this.#divisions = new Uint16Array(room);
    this.#chain = this.#steps.map(() => new Float64Array(room));
  }

  /** All contenders, listed or withdrawn. */
  get size(): number {
    return this.#ids.size;
  }

  /** The slot of a participant; -1 for those that are not there. */
  find(participantId: string): number {
    return this.#ids.find(participantId);
  }

  /** Writes a contender into its slot, a new one where it has none yet. */
  put(contender: Contender): number {
    const known = this.#ids.find(contender.participantId);
    const slot = known < 0 ? this.add(contender.participantId) : known;
    this.#statuses[slot] = PARTICIPANT_STATUSES.indexOf(contender.status);
    this.#divisions[slot] = this.divisionCode(contender.division);
    this.putScore(slot, contender);
    const joinStep = this.#steps.indexOf("earliest_join");
    if (joinStep >= 0) this.#chain[joinStep]![slot] = contender.joinedAt;
    return slot;
  }

  /** Writes a score into a slot; the rest stays. */
  putScore(slot: number, folded: FoldedScore): void {
    this.#scores[slot] = folded.score ?? NaN;
    this.#reachedAt[slot] = folded.reachedAt ?? Infinity;
    for (const [index, step] of this.#steps.entries()) {
      if (step === "fewest_events") this.#chain[index]![slot] = folded.eventCount;
      if (step === "best_event") this.#chain[index]![slot] = this.#bestKey(folded.bestEvent ?? NaN);
    }
  }

  /** Adds contenders that are not there yet; gives the slot of the first, the others follow. */
  append(columns: ContenderColumns): number {
    const { count, ids, scores, reachedAt, statuses, divisions, steps } = columns;
    const first = this.size;
    if (first + count > this.#scores.length) this.#grow(roomFor(first + count));
    this.#ids.addMany(ids);
    this.#scores.set(scores, first);
    this.#reachedAt.set(reachedAt, first);
    for (let n = 0; n < count; n++) {
      if (statuses) this.#statuses[first + n] = PARTICIPANT_STATUSES.indexOf(statuses[n]!);
      if (divisions) this.#divisions[first + n] = this.divisionCode(divisions[n]!);
    }
    for (const [index, step] of this.#steps.entries()) {
      const values = steps[step];
      if (!values) throw new RangeError(`Cannot add contenders: step "${step}" is missing`);
      const column = step === "best_event" ? values.map(this.#bestKey) : values;
      this.#chain[index]!.set(column, first);
    }
    return first;
  }

  /** A new slot for a participant that has none. */
  add(participantId: string): number {
    const slot = this.#ids.add(participantId);
    if (slot >= this.#scores.length) this.#grow(roomFor(slot + 1));
    return slot;
  }

  row(slot: number): ContenderRow {
    const score = this.#scores[slot]!;
    return {
      participantId: this.#ids.at(slot),
      division: this.#divisionNames[this.#divisions[slot]!]!,
      status: this.statusOf(slot),
      score: Number.isNaN(score) ? null : score,
      reachedAt: this.#reachedAt[slot] === Infinity ? null : this.#reachedAt[slot]!,
    };
  }

  /** As the rules compare it: what no step of theirs looks at is not kept and stands at 0 or null. */
  contender(slot: number): Contender {
    const step = (name: TieBreak) => this.#chain[this.#steps.indexOf(name)]?.[slot];
    const best = step("best_event") ?? Infinity;
    return {
      ...this.row(slot),
      joinedAt: step("earliest_join") ?? 0,
      eventCount: step("fewest_events") ?? 0,
      bestEvent: best === Infinity ? null : best * this.#sign,
    };
  }

  statusOf(slot: number): ParticipantStatus {
    return PARTICIPANT_STATUSES[this.#statuses[slot]!]!;
  }

  /** The number of a division in this table; names are many times shorter so. */
  divisionCode(name: string | null): number {
    const known = this.#divisionNames.indexOf(name);
    return known >= 0 ? known : this.#divisionNames.push(name) - 1;
  }

  /** The number of a division that somebody is or was in; -1 for others. */
  findDivision(name: string): number {
    return this.#divisionNames.indexOf(name);
  }

  divisionOf(slot: number): number {
    return this.#divisions[slot]!;
  }

  /** What orders a slot before anything else; NaN for those that no board lists. */
  key(slot: number): number {
    const status = this.#statuses[slot]!;
    if (status === ACTIVE) {
      const score = this.#scores[slot]!;
      return Number.isNaN(score) ? UNRANKED_KEY : score * this.#sign;
    }
    return status === WITHDRAWN ? NaN : DISQUALIFIED_KEY;
  }

  /** Orders two slots of the same key up to the shared rank: 0 when they tie. */
  compareTie(a: number, b: number): number {
    if (this.key(a) >= UNRANKED_KEY) return 0;
    for (const column of this.#chain) {
      if (column[a] !== column[b]) return column[a]! < column[b]! ? -1 : 1;
    }
    const [left, right] = [this.#reachedAt[a]!, this.#reachedAt[b]!];
    return left < right ? -1 : left > right ? 1 : 0;
  }

  /** Orders two slots by their ids. */
  compareIds(a: number, b: number): number {
    return this.#ids.compare(a, b);
  }

  orderKey(slot: number): OrderKey {
    const isRanked = this.key(slot) < UNRANKED_KEY;
    return {
      key: this.key(slot),
      steps: isRanked ? this.#chain.map((column) => column[slot]!) : [],
      reachedAt: isRanked ? this.#reachedAt[slot]! : 0,
      participantId: this.#ids.at(slot),
    };
  }

  /** Orders a slot and a key that may be nobody's any more. */
  compareToKey(slot: number, other: OrderKey): number {
    const mine = this.orderKey(slot);
    return compareNumbers(mine.key, other.key) ||
      mine.steps.reduce(
        (order, step, index) => order || compareNumbers(step, other.steps[index] ?? 0),
        0,
      ) ||
      compareNumbers(mine.reachedAt, other.reachedAt) ||
      (mine.participantId < other.participantId
        ? -1
        : mine.participantId > other.participantId
        ? 1
        : 0);
  }

  /** The better value first, no value last. */
  readonly #bestKey = (value: number) => Number.isNaN(value) ? Infinity : value * this.#sign;

  #grow(room: number): void {
    this.#scores = grown(this.#scores, room);
    this.#reachedAt = grown(this.#reachedAt, room);
    this.#statuses = grown(this.#statuses, room);
    this.#divisions = grown(this.#divisions, room);
    this.#chain = this.#chain.map((column) => grown(column, room));
  }
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
