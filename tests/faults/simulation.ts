/**
 * The engine's core on several nodes over a database in memory: queues that gather and commit,
 * boards that follow each other's news. Which of the steps at hand happens next, which process dies,
 * which commit fails, which message is lost or comes twice: all of it follows from one seed.
 *
 * @module
 */

import fc from "fast-check";
import type { Database } from "@/db/client.ts";
import { DomainError } from "@/domain/error.ts";
import { canonicalStandings, standings } from "@/domain/standings.ts";
import {
  type BoardsService,
  type BoardView,
  createBoardsService,
} from "@/services/boards/boards.ts";
import { createLocalBrokers, type LocalBrokers } from "@/services/boards/local_broker.ts";
import { createScoreQueue, type ScoreQueue } from "@/services/leaderboard/score_queue.ts";
import { shareBoards } from "@/services/boards/shared_boards.ts";
import { createManualTime, type ManualTime } from "@/tests/support/manual_time.ts";
import { createRandom } from "@/tests/support/tcp_proxy.ts";
import { MODEL_RULES, type ModelAnswer, ModelDatabase, type ModelNode } from "./model_database.ts";
import type { ModelCommand, ModelWork } from "./model_database.ts";

const NODES = 3;
const REQUESTS = 60;
/** Every so many requests one fails whatever transaction it is in, so that batches are halved. */
const POISON_EVERY = 6;
/** One in so many steps ends a process; one in so many moves the clock. */
const DEATH_ODDS = 60;
/** Later ones would hide a request that is lost by the process itself. */
const DEATHS_MAX = 5;
const CLOCK_ODDS = 6;
const CLOCK_STEP_MS = 20;
/** Longer than boards wait before they ask for the head. */
const CHECK_MS = 1_100;
/** Far beyond what any run takes. */
const IDLE_STEPS_MAX = 5_000;

const COMPETITIONS: readonly string[] = [idOf(1), idOf(2)];
const PEOPLE: readonly string[] = [11, 12, 13, 14, 15].map(idOf);

function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
}

/** A process: what it holds in memory, until it dies. */
interface Node extends ModelNode {
  queue: ScoreQueue<ModelWork, ModelAnswer>;
  boards: BoardsService;
  /** Resolves with its death. */
  death: PromiseWithResolvers<"gone">;
  /** Ends its part of the network. */
  leave(): void;
}

/** A request of a client, sent again until it is answered. */
interface ClientRequest {
  work: ModelWork;
  offsets?: number[];
}

/** Runs one simulation. Fails with what went wrong. */
export async function simulate(seed: number): Promise<void> {
  const scheduled = fc.asyncProperty(
    fc.scheduler(),
    (scheduler) => new Simulation(seed, scheduler).run(),
  );
  const result = await fc.check(scheduled, { seed, numRuns: 1, endOnFailure: true });
  // The schedule that it reports is long, and follows from the seed.
  if (result.failed) throw result.errorInstance;
}

class Simulation {
  readonly #random: () => number;
  readonly #scheduler: fc.Scheduler;
  readonly #time: ManualTime = createManualTime();
  readonly #database: ModelDatabase;
  readonly #network: LocalBrokers;
  readonly #nodes: Node[] = [];
  readonly #requests: ClientRequest[] = [];
  readonly #faults: string[] = [];
  #isHealed = false;
  #open = 0;
  #deaths = 0;

  constructor(seed: number, scheduler: fc.Scheduler) {
    this.#random = createRandom(seed);
    this.#scheduler = scheduler;
    this.#database = new ModelDatabase({
      clock: this.#time,
      step: (label) => this.#step(label),
      strikes: (oneIn) => this.#strikes(oneIn),
    });
    this.#network = createLocalBrokers({ carry: (deliver) => this.#carry(deliver) });
    for (const id of COMPETITIONS) this.#database.add(id, PEOPLE);
    for (let n = 0; n < NODES; n++) this.#nodes.push(this.#startNode());
  }

  async run(): Promise<void> {
    for (let n = 0; n < REQUESTS; n++) this.#requests.push({ work: this.#inventWork(n) });
    for (const request of this.#requests) this.#start(() => this.#insist(request));
    await this.#drive(() => this.#open === 0);
    this.#isHealed = true;
    await this.#drive(() => this.#scheduler.count() === 0);
    this.#checkAnswers();
    await this.#checkBoards();
    for (const node of this.#nodes) node.boards.clear();
    if (this.#faults.length > 0) throw new Error(this.#faults.slice(0, 5).join("\n"));
  }

  #step(label: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), label);
  }

  #strikes(oneIn: number): boolean {
    return !this.#isHealed && this.#random() * oneIn < 1;
  }

  /** Messages are lost, repeated, and overtake each other. */
  #carry(deliver: () => void): void {
    const copies = this.#strikes(3) ? 0 : this.#strikes(4) ? 2 : 1;
    for (let n = 0; n < copies; n++) void this.#step("message").then(deliver);
  }

  #startNode(): Node {
    const life = { isDead: false };
    const deps = { clock: this.#time, timers: this.#time };
    const broker = this.#network.join();
    const source = this.#database.sourceFor(life);
    const alone = createBoardsService({ ...deps, database: {} as Database, source });
    const boards = shareBoards(alone, { ...deps, broker });
    const committed: ModelNode["committed"] = (change) =>
      boards.committed(change.locked.id, change);
    const model: ModelNode = Object.assign(life, { committed });
    const queue = createScoreQueue<ModelWork, ModelAnswer>({
      ...deps,
      nextTurn: (run) => void this.#step("turn").then(run),
      commit: (works, options) => this.#database.commit(model, works, options),
      limits: { eventsPerCommitMax: 12 },
    });
    const leave = () => broker[Symbol.dispose]();
    const death = Promise.withResolvers<"gone">();
    const node = Object.assign(model, { queue, boards, death, leave });
    for (const id of COMPETITIONS) this.#watch(node, id);
    return node;
  }

  /** A viewer's road: whatever a board shows at an offset must be what the log says there. */
  #watch(node: Node, id: string): void {
    node.boards.listen(id, (view) => {
      if (!node.isDead && view) this.#compare(view, "told");
    }, "staff");
    node.boards.view(id, "staff").catch(() => {});
  }

  #kill(): void {
    this.#deaths += 1;
    const index = Math.floor(this.#random() * NODES);
    const node = this.#nodes[index]!;
    node.isDead = true;
    node.leave();
    node.death.resolve("gone");
    this.#nodes[index] = this.#startNode();
  }

  #inventWork(n: number): ModelWork {
    const size = this.#random() < 0.8 ? 1 : 2 + Math.floor(this.#random() * 4);
    const pick = (ids: readonly string[]) => ids[Math.floor(this.#random() * ids.length)]!;
    const commands = Array.from({ length: size }, (_, index): ModelCommand => ({
      competitionId: pick(COMPETITIONS),
      participantId: pick(PEOPLE),
      value: 1 + Math.floor(this.#random() * 5),
      // Some clients send the same update twice at once.
      key: `key-${this.#random() < 0.1 && n > 0 && size === 1 ? "shared" : `${n}-${index}`}`,
    }));
    const competitionIds = [...new Set(commands.map(({ competitionId }) => competitionId))];
    return { commands, competitionIds, size, isAlone: size > 4, isPoison: n % POISON_EVERY === 0 };
  }

  #start(run: () => Promise<void>): void {
    this.#open += 1;
    void run()
      .catch((error) => void this.#faults.push(String(error)))
      .finally(() => this.#open -= 1);
  }

  /** Sends until an answer comes, each time to any node; a node that dies never answers. */
  async #insist(request: ClientRequest): Promise<void> {
    await this.#step("client");
    for (;;) {
      const node = this.#nodes[Math.floor(this.#random() * NODES)]!;
      const answer = await this.#ask(node, request.work);
      if (answer === "gone") continue;
      if (request.work.isPoison) this.#fault(answer !== "failed", "poison was stored");
      if (answer === "failed") return this.#fault(!request.work.isPoison, "a sound request failed");
      request.offsets = answer;
      // Some clients doubt the answer.
      if (!this.#strikes(3)) return;
      const again = await this.#askUntilAnswered(request.work);
      this.#fault(String(again) !== String(answer), `${answer} first, then ${again}`);
      return;
    }
  }

  async #askUntilAnswered(work: ModelWork): Promise<number[] | "failed"> {
    for (;;) {
      const node = this.#nodes[Math.floor(this.#random() * NODES)]!;
      const answer = await this.#ask(node, work);
      if (answer !== "gone") return answer;
    }
  }

  /** The numbers; "gone" where the client hears nothing or a refusal for now. */
  async #ask(node: Node, work: ModelWork): Promise<number[] | "failed" | "gone"> {
    const death = node.death.promise;
    try {
      const answer = await Promise.race([node.queue.submit(work), death]);
      if (answer === "gone") return answer;
      await Promise.race([answer.shown, death]);
      return node.isDead ? "gone" : answer.offsets;
    } catch (error) {
      if (error instanceof DomainError && error.status === 503) {
        await this.#step("client waits");
        return "gone";
      }
      return "failed";
    }
  }

  #fault(isFault: boolean, message: string): void {
    if (isFault) this.#faults.push(message);
  }

  /** Lets one step after the other happen until the claim holds. */
  async #drive(isDone: () => boolean): Promise<void> {
    for (let idle = 0; !isDone();) {
      if (this.#deaths < DEATHS_MAX && this.#strikes(DEATH_ODDS)) this.#kill();
      if (this.#random() * CLOCK_ODDS < 1) this.#time.advance(CLOCK_STEP_MS);
      await settled();
      if (this.#scheduler.count() > 0) await this.#scheduler.waitOne();
      else if (++idle > IDLE_STEPS_MAX) {
        throw new Error(`${this.#open} requests are never answered`);
      } else this.#time.advance(CLOCK_STEP_MS);
      await settled();
    }
  }

  /** Every acknowledged command stands under its number, once; nothing else stands there. */
  #checkAnswers(): void {
    const sent = new Set<string>();
    for (const { work, offsets } of this.#requests) {
      for (const [index, { key, competitionId }] of work.commands.entries()) {
        sent.add(`${competitionId} ${key}`);
        const stored = this.#database.competitions.get(competitionId)!.keys.get(key);
        if (offsets) this.#fault(stored !== offsets[index], `${key}: ${offsets[index]}, ${stored}`);
      }
    }
    for (const [id, { log, keys }] of this.#database.competitions) {
      this.#fault(log.some(({ seq }, index) => seq !== index + 1), "a number is missing");
      const scores = log.filter(({ kind }) => kind === "score").length;
      this.#fault(scores !== keys.size, `${scores} events of ${keys.size} keys`);
      for (const key of keys.keys()) this.#fault(!sent.has(`${id} ${key}`), `nobody sent ${key}`);
    }
  }

  /** Asked once more after a second, as viewers' nodes do, every node shows the log's end. */
  async #checkBoards(): Promise<void> {
    this.#time.advance(CHECK_MS);
    for (const [n, node] of this.#nodes.entries()) {
      for (const id of COMPETITIONS) {
        let view: BoardView | undefined;
        node.boards.view(id, "staff").then((found) => view = found);
        await this.#drive(() => view !== undefined);
        const { lastSeq } = this.#database.competitions.get(id)!.head;
        this.#fault(view!.offset !== lastSeq, `node ${n} stands at ${view!.offset} of ${lastSeq}`);
        this.#compare(view!, `node ${n}`);
      }
    }
  }

  #compare(view: BoardView, about: string): void {
    const { offset, competitionId: id } = view;
    const { log } = this.#database.competitions.get(id)!;
    this.#fault(offset > log.length, `${about}: offset ${offset} of ${log.length}`);
    const expected = canonicalStandings(standings(log, MODEL_RULES, { seq: offset }));
    const rows = view.rows(0, view.total).map((row) => ({
      ...row,
      division: null,
      reachedAt: row.reachedAt === null ? null : Date.parse(row.reachedAt),
    }));
    this.#fault(canonicalStandings(rows) !== expected, `${about}: wrong board at ${offset}`);
  }
}

/** More promise steps than anything takes between two steps of the simulation. */
async function settled(): Promise<void> {
  for (let step = 0; step < 40; step++) await Promise.resolve();
}
