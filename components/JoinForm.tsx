import type { Competition } from "@/contracts/competitions.ts";
import type { EntryCheck } from "@/contracts/entry.ts";
import { ConsentFields, EntryVerdicts, isBarred } from "./EntryVerdicts.tsx";
import { CsrfField, SelectField } from "./Field.tsx";
import { FeeLine, JoinButtons, type Purse } from "./JoinButtons.tsx";

/** What joining takes: the verdicts, then the form, or why there is none yet. */
export function JoinForm(
  { action, competition, check, purse, csrfToken, wantsCode, isPlaced }: {
    /** Where it is posted. */
    action: string;
    competition: Competition;
    check: EntryCheck | null;
    purse: Purse | null;
    csrfToken: string;
    /** Whether an invite code is to be typed. */
    wantsCode?: boolean;
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
            {divisions.length > 0 && !isPlaced
              ? (
                <SelectField
                  name="division"
                  label="Division"
                  value=""
                  options={divisions.map((name) => ({ value: name, label: name }))}
                />
              )
              : null}
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
