import type { Competition } from "@/contracts/competitions.ts";
import type { EntryCheck } from "@/contracts/entry_check.ts";
import { ConsentFields, EntryVerdicts, isBarred } from "./EntryVerdicts.tsx";
import { CsrfField } from "../Field.tsx";
import { GroupChoiceFields, type Groups } from "../team/GroupChoice.tsx";
import { FeeLine, JoinButtons, type Purse } from "./JoinButtons.tsx";

/** What joining takes: the verdicts, then the form, or why there is none yet. */
export function JoinForm(
  { action, competition, groups, check, purse, csrfToken, wantsCode, code, isPlaced }: {
    /** Where it is posted. */
    action: string;
    competition: Competition;
    /** The teams to choose from; absent: none can be chosen here. */
    groups?: Groups | null;
    check: EntryCheck | null;
    purse: Purse | null;
    csrfToken: string;
    /** Whether an invite code is to be typed. */
    wantsCode?: boolean;
    /** The code that was typed before. */
    code?: string;
    /** Whether the invite decides the division. */
    isPlaced?: boolean;
  },
) {
  const { divisions, entryConditions } = competition;
  return (
    <>
      <FeeLine competition={competition} purse={purse} />
      <EntryVerdicts check={check} />
      {isBarred(check)
        ? <p class="muted">You can join once the conditions are met.</p>
        : (
          <form class="form" method="post" action={action}>
            <CsrfField token={csrfToken} />
            {wantsCode ? <CodeField /> : null}
            {code ? <input type="hidden" name="inviteCode" value={code} /> : null}
            <GroupChoiceFields
              divisions={isPlaced ? [] : divisions}
              teams={isPlaced ? [] : groups?.teams ?? []}
            />
            <ConsentFields conditions={entryConditions} />
            <JoinButtons competition={competition} purse={purse} />
          </form>
        )}
    </>
  );
}

function CodeField() {
  return (
    <div class="field">
      <label for="inviteCode">Invite code</label>
      <input class="input" id="inviteCode" name="inviteCode" required autocomplete="off" />
    </div>
  );
}
