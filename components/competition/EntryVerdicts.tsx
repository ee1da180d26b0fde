import type { CompetitionView } from "@/contracts/competitions.ts";
import type { EntryCheck, EntryVerdict } from "@/contracts/entry_check.ts";
import { countryName } from "@/domain/entry_condition.ts";
import { Choice } from "../Field.tsx";
import { Icon } from "../Icon.tsx";

type Conditions = NonNullable<CompetitionView["entryConditions"]>;

/** Consents are given in the form itself; the rest is told beside it. */
const CONSENTS = new Set(["rules", "healthData"]);

/** What is asked of those who enter, and whether the viewer meets it; nothing where nothing is asked. */
export function EntryVerdicts({ check }: { check: EntryCheck | null }) {
  const told = check?.verdicts.filter(isTold) ?? [];
  if (told.length === 0) return null;
  return (
    <div>
      <h3 class="label" id="conditions">Conditions</h3>
      <ul class="verdicts" aria-labelledby="conditions">
        {told.map(({ condition, isAccepted, code, message }) => (
          <li key={condition} data-tone={isAccepted ? "good" : "bad"}>
            <Icon name={isAccepted ? "check" : "cross"} />
            <span>
              {message}
              <span class="hidden-text">{isAccepted ? ": met" : ": not met"}</span>
              {code === "birth_date_missing" || code === "country_missing"
                ? (
                  <>
                    {". "}
                    <a href="/me/profile">Complete your profile</a>
                  </>
                )
                : null}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isTold({ condition, isAccepted }: EntryVerdict): boolean {
  if (CONSENTS.has(condition)) return false;
  // Registration, places and the invitation have words of their own on the page.
  return !["registration", "places", "invitation"].includes(condition) || !isAccepted;
}

/** Whether something other than consent is missing, so that joining is bound to be refused. */
export function isBarred(check: EntryCheck | null): boolean {
  return (check?.verdicts ?? []).some(({ condition, isAccepted }) => {
    return !isAccepted && !CONSENTS.has(condition);
  });
}

/** What a visitor will be asked. */
export function EntryDemands({ conditions }: { conditions: Conditions | null }) {
  const demands = conditions ? demandsOf(conditions) : [];
  if (demands.length === 0) return null;
  return (
    <div>
      <h3 class="label" id="conditions">Conditions</h3>
      <ul class="verdicts" aria-labelledby="conditions">
        {demands.map((text) => (
          <li key={text}>
            <Icon name="info" />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The conditions of a competition in words. */
export function demandsOf(conditions: Conditions): string[] {
  const { minimumAge, maximumAge, countries, emailDomains, perDomainMax } = conditions;
  return [
    ...(minimumAge === undefined ? [] : [`At least ${minimumAge} years old`]),
    ...(maximumAge === undefined ? [] : [`At most ${maximumAge} years old`]),
    ...(countries ? [`From ${countries.map(countryName).join(", ")}`] : []),
    ...(emailDomains ? [`With an e-mail address at ${emailDomains.join(", ")}`] : []),
    ...(perDomainMax === undefined ? [] : [`At most ${perDomainMax} from one e-mail domain`]),
    ...(conditions.acceptRules ? ["Agrees to the rules"] : []),
    ...(conditions.healthConsent ? ["Agrees that health data are used"] : []),
  ];
}

/** The checkboxes of what must be agreed to, inside the form that joins. */
export function ConsentFields({ conditions }: { conditions: Conditions | null }) {
  if (!conditions?.acceptRules && !conditions?.healthConsent) return null;
  return (
    <div class="field">
      {conditions.acceptRules
        ? (
          <Choice
            type="checkbox"
            name="acceptRules"
            value="on"
            label="I agree to the rules of this competition"
            checked={false}
            required
          />
        )
        : null}
      {conditions.healthConsent
        ? (
          <Choice
            type="checkbox"
            name="acceptHealthData"
            value="on"
            label="My activity and health data may be used for this competition"
            about="You can leave, and delete your activity, at any time."
            checked={false}
            required
          />
        )
        : null}
    </div>
  );
}
