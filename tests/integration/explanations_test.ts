import { assertEquals } from "@std/assert";
import type { Explanation } from "@/contracts/explanation.ts";
import type { Actor } from "@/domain/actor.ts";
import { ANONYMOUS } from "@/tests/support/board_fixture.ts";
import { openFitnessWorld, STEPS } from "@/tests/support/fitness.ts";

const DAY = (hour: string) => `2026-05-01T${hour}:00:00Z`;

Deno.test("explain() shows what of the recorded activity counts, to the athlete and staff alone", async () => {
  await using world = await openFitnessWorld();
  const cup = await world.compete({ scoring: { ...STEPS, dailyCap: 1000 } });
  const ann = await world.athlete(cup);
  const bea = await world.athlete(cup);
  const record = (id: string, value: number, hour: string, method: "manual" | "automatic") => ({
    ...{
      id,
      type: "steps",
      value,
      unit: "count",
      start: DAY(hour),
      end: DAY(hour).replace(":00:00", ":30:00"),
    },
    source: { recordingMethod: method },
  });
  await world.sync(ann, {
    records: [
      record("a", 700, "08", "automatic"),
      record("b", 500, "09", "automatic"),
      record("c", 90, "10", "manual"),
    ],
  });
  const view = await world.services.boards.view(cup);
  const { participantId } = view.find({ userId: ann.userId })!.row;
  const explain = async (actor: Actor): Promise<Explanation> =>
    (await world.services.explanations.explain(actor, cup, participantId, {
      page: 1,
      page_size: 20,
    })).explanation;

  const own = await explain(ann);
  const others = [await explain(bea), await explain(ANONYMOUS)];

  assertEquals([own.score, own.rank, own.counted], [1000, 1, 1]);
  assertEquals(
    own.records!.map(({ counted, excluded }) => [counted, excluded.map(({ reason }) => reason)]),
    [[0, ["manual"]], [300, ["capped"]], [700, []]],
  );
  assertEquals(others.map(({ records, score }) => [records, score]), [
    [undefined, 1000],
    [undefined, 1000],
  ]);
});
