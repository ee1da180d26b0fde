/**
 * A database in memory for the simulation of the engine: what a commit of scores does (locks, keys,
 * numbers, folds) and what boards read, in steps between which anything else may happen. A commit
 * can fail before it stores, or after, so that nobody hears of it.
 *
 * @module
 */

import { DomainError } from "@/domain/error.ts";
import type { LogEntry, ScoreEntry } from "@/domain/log.ts";
import type { Rules } from "@/domain/rules.ts";
import type { FoldedScore } from "@/domain/standing.ts";
import { nextFold, NO_SCORE } from "@/domain/standings.ts";
import { DAY_MS } from "@/domain/time.ts";
import type { Clock } from "@/platform/clock.ts";
import { BoardMembers } from "@/services/boards/board_members.ts";
import type { BoardSource } from "@/services/boards/board_source.ts";
import type { ScoresCommitted } from "@/services/boards/board_state.ts";
import type { BoardEntry, BoardHead } from "@/services/boards/board_store.ts";
import type { CommitOptions, QueuedWork } from "@/services/leaderboard/score_queue.ts";

/** An update under its key. */
export interface ModelCommand {
  competitionId: string;
  participantId: string;
  value: number;
  key: string;
}

/** The commands of one request; poison fails every transaction that it is in. */
export interface ModelWork extends QueuedWork {
  commands: readonly ModelCommand[];
  isPoison: boolean;
}

/** What became of a request: the number of each command. */
export interface ModelAnswer {
  offsets: number[];
  shown: Promise<unknown>;
}

/** What of a node the database and its transactions need. */
export interface ModelNode {
  isDead: boolean;
  committed(change: ScoresCommitted): Promise<void>;
}

export interface ModelDeps {
  clock: Clock;
  /** Waits until the simulation lets this step happen. */
  step(label: string): Promise<void>;
  /** Whether chance, at this odds of one in n, strikes. */
  strikes(oneIn: number): boolean;
}

export const MODEL_RULES: Rules = {
  version: 1,
  scoring: {
    kind: "direct",
    operator: "increment",
    direction: "higher",
    decimals: 0,
    selfReport: true,
  },
  rankMethod: "standard",
  tieBreaks: [],
};

interface Competition {
  head: BoardHead;
  log: LogEntry[];
  folds: Map<string, FoldedScore>;
  /** Key → number. */
  keys: Map<string, number>;
  /** The transaction that holds the row, and those that wait for it. */
  holder: symbol | undefined;
  waiters: (() => void)[];
}

/**
 * A process that died never hears of anything. Each wait has a promise of its own: a shared one would
 * hold on to whoever waits, and with them to every simulation that ever ran.
 */
function never(): Promise<never> {
  return new Promise<never>(() => {});
}

export class ModelDatabase {
  readonly competitions = new Map<string, Competition>();
  readonly #deps: ModelDeps;
  #events = 0;

  constructor(deps: ModelDeps) {
    this.#deps = deps;
  }

  /** Makes a competition that people have joined. */
  add(id: string, participantIds: readonly string[]): void {
    const arrivedAt = this.#deps.clock.now();
    const log = participantIds.map((participantId, index): LogEntry => ({
      kind: "join",
      participantId,
      seq: index + 1,
      arrivedAt,
    }));
    const folds = new Map(participantIds.map((each) => [each, NO_SCORE]));
    const head = headOf(id, { lastSeq: log.length, now: arrivedAt });
    this.competitions.set(id, {
      ...{ head, log, folds, keys: new Map() },
      ...{ holder: undefined, waiters: [] },
    });
  }

  /** One transaction of a node, as `commitScores` and what follows it. */
  async commit(
    node: ModelNode,
    works: readonly ModelWork[],
    { isPatient }: CommitOptions,
  ): Promise<(ModelAnswer | "busy")[]> {
    const session = Symbol("transaction");
    try {
      await this.#step(node, "begin");
      const held = await this.#lock(node, session, { works, isPatient });
      const { outcomes, changes } = await this.#write(node, works, held);
      const shown = Promise.all(changes.map((change) => node.committed(change)));
      return outcomes.map((offsets) => offsets === "busy" ? offsets : { offsets, shown });
    } finally {
      this.#release(session);
    }
  }

  /** What the boards of a node read. */
  sourceFor(node: Pick<ModelNode, "isDead">): BoardSource {
    return {
      head: async (id) => {
        await this.#read(node, "head");
        const head = { ...this.competitions.get(id)!.head };
        await this.#step(node, "head read");
        return head;
      },
      board: async (id, known) => {
        await this.#read(node, "board");
        const competition = this.competitions.get(id)!;
        const head = { ...competition.head };
        const isWhole = known?.epoch !== head.epoch;
        const all = entriesOf(competition);
        const isChanged = changedSince(competition, known?.offset ?? 0);
        const reading = isWhole
          ? { head, members: new BoardMembers(MODEL_RULES, all) }
          : { head, entries: all.filter(({ participantId }) => isChanged.has(participantId)) };
        await this.#step(node, "board read");
        return reading;
      },
      boardAt: () => Promise.reject(new Error("nothing freezes here")),
    };
  }

  async #step(node: Pick<ModelNode, "isDead">, label: string): Promise<void> {
    if (node.isDead) await never();
    await this.#deps.step(label);
    if (node.isDead) await never();
  }

  async #read(node: Pick<ModelNode, "isDead">, label: string): Promise<void> {
    await this.#step(node, label);
    if (this.#deps.strikes(READ_FAULT_ODDS)) throw away();
  }

  async #lock(
    node: ModelNode,
    session: symbol,
    { works, isPatient }: { works: readonly ModelWork[]; isPatient: boolean },
  ): Promise<ReadonlySet<string>> {
    const held = new Set<string>();
    for (const id of [...new Set(works.flatMap((work) => work.competitionIds))].sort()) {
      const competition = this.competitions.get(id)!;
      while (competition.holder !== undefined) {
        if (!isPatient) break;
        await new Promise<void>((resolve) => competition.waiters.push(resolve));
      }
      if (competition.holder !== undefined) continue;
      competition.holder = session;
      held.add(id);
      await this.#stepOf(node, session, "locked");
    }
    return held;
  }

  /** The session of a process that dies ends with it, and lets go of what it held. */
  async #stepOf(node: ModelNode, session: symbol, label: string): Promise<void> {
    await this.#deps.step(label);
    if (!node.isDead) return;
    this.#release(session);
    await never();
  }

  #release(session: symbol): void {
    for (const competition of this.competitions.values()) {
      if (competition.holder !== session) continue;
      competition.holder = undefined;
      for (const wake of competition.waiters.splice(0)) wake();
    }
  }

  async #write(node: ModelNode, works: readonly ModelWork[], held: ReadonlySet<string>) {
    const session = [...this.competitions.values()].find(({ head }) => held.has(head.id))?.holder;
    const plan = this.#plan(works, held);
    await this.#stepOf(node, session ?? Symbol(), "written");
    if (this.#deps.strikes(COMMIT_FAULT_ODDS)) throw away();
    const changes = plan.store();
    // From here on it is durable, whatever the process hears of it.
    if (session) this.#release(session);
    await this.#step(node, "committed");
    if (this.#deps.strikes(COMMIT_FAULT_ODDS)) throw away();
    return { outcomes: plan.outcomes, changes };
  }

  #plan(works: readonly ModelWork[], held: ReadonlySet<string>) {
    const passed = new Set<string>();
    const drafts = new Map<string, Draft>();
    const outcomes = works.map(({ commands, competitionIds, isPoison }) => {
      if (competitionIds.some((id) => !held.has(id) || passed.has(id))) {
        for (const id of competitionIds) passed.add(id);
        return "busy" as const;
      }
      if (isPoison) throw new Error("a mistake of the program");
      return commands.map((command) => {
        const id = command.competitionId;
        const draft = drafts.get(id) ?? new Draft(this.competitions.get(id)!, this.#deps.clock);
        drafts.set(id, draft);
        return draft.record(command, () => `event-${++this.#events}`);
      });
    });
    return { outcomes, store: () => [...drafts.values()].flatMap((draft) => draft.store()) };
  }
}

/** How often a reading, and each half of a commit, fails while faults are on. */
const READ_FAULT_ODDS = 8;
const COMMIT_FAULT_ODDS = 10;

/** What a transaction writes into one competition, stored at once or never. */
class Draft {
  readonly #competition: Competition;
  readonly #now: number;
  readonly #entries: ScoreEntry[] = [];
  readonly #folds = new Map<string, FoldedScore>();
  readonly #keys = new Map<string, number>();

  constructor(competition: Competition, clock: Clock) {
    this.#competition = competition;
    this.#now = Math.max(clock.now(), competition.log.at(-1)?.arrivedAt ?? 0);
  }

  /** Gives the number, the first one where the key was used before. */
  record({ key, participantId, value }: ModelCommand, newId: () => string): number {
    const known = this.#keys.get(key) ?? this.#competition.keys.get(key);
    if (known !== undefined) return known;
    const { log, folds } = this.#competition;
    const seq = log.length + this.#entries.length + 1;
    const entry: ScoreEntry = {
      kind: "score",
      eventId: newId(),
      ...{ participantId, operator: "increment", value, seq, source: "direct", rulesVersion: 1 },
      occurredAt: this.#now,
      arrivedAt: this.#now,
    };
    const before = this.#folds.get(participantId) ?? folds.get(participantId)!;
    this.#folds.set(participantId, nextFold(before, entry, MODEL_RULES.scoring)!);
    this.#keys.set(key, seq);
    this.#entries.push(entry);
    return seq;
  }

  store(): ScoresCommitted[] {
    if (this.#entries.length === 0) return [];
    const { head, log, folds, keys } = this.#competition;
    const from = head.lastSeq;
    log.push(...this.#entries);
    head.lastSeq = log.length;
    for (const [key, seq] of this.#keys) keys.set(key, seq);
    for (const [participantId, fold] of this.#folds) folds.set(participantId, fold);
    const scores = [...this.#folds].map(([participantId, after]) => ({ participantId, after }));
    return [{ from, locked: { ...head }, scores }];
  }
}

function away(): DomainError {
  return new DomainError("SERVICE_UNAVAILABLE", "Cannot reach the database");
}

function changedSince({ log }: Competition, offset: number): Set<string> {
  return new Set(
    log.filter(({ seq }) => seq > offset).flatMap((entry) =>
      "participantId" in entry ? [entry.participantId] : []
    ),
  );
}

function entriesOf({ log, folds }: Competition): BoardEntry[] {
  return [...folds].map(([participantId, fold]) => ({
    ...fold,
    participantId,
    // A person takes part once, so that the one may stand for the other.
    userId: participantId,
    name: participantId,
    avatarUrl: null,
    division: null,
    status: "active",
    joinedAt: log[0]!.arrivedAt,
  }));
}

function headOf(id: string, { lastSeq, now }: { lastSeq: number; now: number }): BoardHead {
  return {
    ...{ id, slug: id, name: id, ownerId: id, status: "published", visibility: "public", lastSeq },
    rules: MODEL_RULES,
    epoch: `epoch of ${id}`,
    registrationOpensAt: null,
    registrationClosesAt: now + DAY_MS,
    startsAt: now - DAY_MS,
    endsAt: now + DAY_MS,
    graceMs: DAY_MS,
    ...{ freezeAt: null, frozenAt: null, frozenSeq: null },
  };
}
