/** A competition with fees and prizes on a test node: joined, scored, final. */

import { type CompetitionInput, CompetitionInput as Input } from "@/contracts/competitions.ts";
import type { PrizePlanInput } from "@/contracts/money.ts";
import type { UserActor } from "@/domain/actor.ts";
import { DAY_MS } from "@/domain/time.ts";
import { addPayers, createTestLedger } from "./money.ts";
import type { TestServices } from "./services.ts";
import { createUser, userActor } from "./users.ts";

export type PaidWorld = Awaited<ReturnType<typeof createPaidWorld>>;

/** What a paid competition of a test differs in. */
export type PaidInput = Partial<Omit<CompetitionInput, "entryFee" | "prizes">> & {
  entryFee?: unknown;
  prizes?: Partial<PrizePlanInput> | null;
};

/** Ways to set up paid competitions; entering costs 5.00 euro unless the test says otherwise. */
export async function createPaidWorld(test: TestServices) {
  const { services, database, time } = test;
  const money = createTestLedger(database, time);
  const staff = async (role: UserActor["role"]) =>
    userActor(await createUser(database, { role }), { role });
  const organiser = await staff("organiser");
  const admin = await staff("admin");

  const members = async (count: number, amountMinor = 500n): Promise<UserActor[]> => {
    const ids = await addPayers(database, count, { ...money, amountMinor });
    return ids.map((userId) => userActor(userId));
  };

  async function competition(part: PaidInput = {}): Promise<string> {
    const input = Input.parse({
      name: "Paid Cup",
      startsAt: new Date(time.now() + DAY_MS).toISOString(),
      endsAt: new Date(time.now() + 3 * DAY_MS).toISOString(),
      scoring: { kind: "direct" },
      entryFee: { currency: "EUR", amountMinor: "500" },
      ...part,
    });
    const { id } = await services.competitions.create(organiser, input);
    await services.competitions.publish(organiser, id);
    return id;
  }

  /** Joins members and gives them these scores, then makes the result final. */
  async function final(part: PaidInput, scores: readonly (number | null)[]) {
    const id = await competition(part);
    const players = await members(scores.length);
    const participants: string[] = [];
    for (const player of players) {
      const { entry } = await services.competitions.join(player, id, {});
      participants.push(entry.participantId);
    }
    time.advance(DAY_MS);
    for (const [index, score] of scores.entries()) {
      if (score === null) continue;
      const { userId } = players[index]!;
      await services.leaderboard.update(admin, {
        competitionId: id,
        userId,
        score,
        // The same instant for all, so that equal scores tie.
        occurredAt: new Date(time.now()).toISOString(),
      });
    }
    time.advance(4 * DAY_MS);
    await services.lifecycle.finalise(organiser, id, {});
    return { id, players, participants };
  }

  const account = (kind: "escrow" | "pool" | "organiser" | "sponsor", competitionId: string) =>
    money.balance({ kind, competitionId, currency: "EUR" });
  return { ...test, ...money, organiser, admin, staff, members, competition, final, account };
}
