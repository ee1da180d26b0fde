/** `SIMULATION_SEEDS` asks for more seeds, `SIMULATION_SEED` repeats one. */

import { simulate } from "./simulation.ts";

const SEEDS_DEFAULT = 200;

Deno.test("the engine's core keeps its promises whatever happens when", async () => {
  const only = Deno.env.get("SIMULATION_SEED");
  const count = only === undefined ? Number(Deno.env.get("SIMULATION_SEEDS") ?? SEEDS_DEFAULT) : 1;
  const first = only === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(only);
  for (let seed = first; seed < first + count; seed++) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new Error(`SIMULATION_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
});
