/** The rules of competitions that something of a person counted in. */

import type { Competition } from "@/contracts/competitions.ts";
import type { State } from "./define.ts";
import { refusalOf } from "./page_answer.ts";

/** By competition; those that the person may not see any more, having left them, are missing. */
export async function shownScoring(
  { services, actor }: State,
  competitionIds: readonly string[],
): Promise<Map<string, Competition["scoring"]>> {
  const rules = new Map<string, Competition["scoring"]>();
  await Promise.all(competitionIds.map((id) =>
    refusalOf(async () => {
      rules.set(id, (await services.competitions.get(actor, id)).scoring);
    })
  ));
  return rules;
}
