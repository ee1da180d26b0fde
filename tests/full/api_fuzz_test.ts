import { assert, assertEquals } from "@std/assert";
import { fuzz } from "@/tests/support/fuzz.ts";

/** About a minute; `FUZZ_RUNS` asks for more, `FUZZ_SEED` repeats a run. */
const RUNS_DEFAULT = 1500;

Deno.test("the API answers whatever is asked as its document says, at length", async () => {
  const seed = Number(Deno.env.get("FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const runs = Number(Deno.env.get("FUZZ_RUNS") ?? RUNS_DEFAULT);
  // deno-lint-ignore no-console -- without the seed a failure could not be repeated
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`);

  const report = await fuzz({ seed, runs });

  assertEquals(report.faults, [], `FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`);
  assert(report.succeeded.size > 20, `only ${[...report.succeeded].join(", ")} ever succeeded`);
});
