import { CURRENCIES } from "@/domain/money.ts";
import type { CompetitionFormValues } from "./competition_form.ts";
import { Fault, type Faults, SelectField, TextField } from "../Field.tsx";
import { divisionRows, tierRows } from "./money_form.ts";
import { CLAW_BACK_TEXT, REST_TEXT } from "../money/prize_text.ts";

interface Props {
  values: CompetitionFormValues;
  faults: Faults;
}

/** What entering costs, and which place gets what. */
export function MoneyFields({ values: { money }, faults }: Props) {
  const text = (name: "fee" | "platform" | "organiser" | "sponsored", label: string) => ({
    name: `money.${name}`,
    label,
    value: money[name],
    faults,
    inputMode: "decimal" as const,
    autocomplete: "off" as const,
  });
  return (
    <>
      <fieldset class="card group">
        <legend>Entry fee</legend>
        <p class="about">Left empty, joining is free. Publishing locks fee and prizes.</p>
        <div class="pair">
          <TextField {...text("fee", "Fee of one entry")} placeholder="15.00" />
          <TextField
            name="money.currency"
            label="Currency"
            value={money.currency}
            faults={faults}
            list="currencies"
            maxLength={3}
            autocomplete="off"
            spellcheck={false}
            placeholder="EUR"
            hint="Three letters; of fee and prizes."
          />
        </div>
        <div class="pair">
          <TextField
            {...text("organiser", "Of all fees to the organiser (%)")}
            hint="Paid out when the result is final."
          />
          <TextField
            {...text("platform", "Of all fees to the platform (%)")}
            hint="Never less than the platform's settings say."
          />
        </div>
        <p class="about">The rest of the fees, to the last cent, is the prize pool.</p>
        <datalist id="currencies">
          {[...CURRENCIES].map((code) => <option key={code} value={code} />)}
        </datalist>
      </fieldset>
      <PrizeFields money={money} faults={faults} text={text} />
    </>
  );
}

function PrizeFields(
  { money, faults, text }: {
    money: CompetitionFormValues["money"];
    faults: Faults;
    text: (name: "sponsored", label: string) => Parameters<typeof TextField>[0];
  },
) {
  return (
    <fieldset class="card group" aria-describedby="tiers-about">
      <legend>Prizes</legend>
      <p class="about" id="tiers-about">
        From the first place on: how many places in a row, and what each of them gets, as a share of
        the pool (50 %) or as an amount (25.00), but not both in one plan.
      </p>
      {tierRows(money.tiers).map((tier, index) => (
        <div class="pair" key={index}>
          <TextField
            name={`money.tiers.${index}.places`}
            label={`Row ${index + 1}: places`}
            value={tier.places}
            faults={faults}
            inputMode="numeric"
            autocomplete="off"
            placeholder="1"
          />
          <TextField
            name={`money.tiers.${index}.worth`}
            label={`Row ${index + 1}: each gets`}
            value={tier.worth}
            faults={faults}
            autocomplete="off"
            placeholder={index === 0 ? "50 %" : ""}
          />
        </div>
      ))}
      <Fault name="money.tiers" faults={faults} />
      <DivisionPrizes money={money} faults={faults} />
      <TextField
        {...text("sponsored", "Given by sponsors")}
        placeholder="0.00"
        hint="On top of the fees, in the same currency."
      />
      <RuleFields money={money} faults={faults} />
    </fieldset>
  );
}

/** Prizes of divisions, each from a share of the pool. */
function DivisionPrizes(
  { money, faults }: { money: CompetitionFormValues["money"]; faults: Faults },
) {
  return (
    <>
      <p class="about" id="division-prizes-about">
        Prizes by division come out of a share of the pool; the places above share what is left. Of
        each, from the first place on: 60 %; 2 x 20 %, or 25.00; 10.00.
      </p>
      {divisionRows(money.divisions).map((row, index) => (
        <div class="pair" key={index}>
          <TextField
            name={`money.divisions.${index}.division`}
            label={`Division ${index + 1}`}
            value={row.division}
            faults={faults}
            maxLength={80}
            autocomplete="off"
          />
          <TextField
            name={`money.divisions.${index}.share`}
            label={`Division ${index + 1}: of the pool (%)`}
            value={row.share}
            faults={faults}
            inputMode="decimal"
            autocomplete="off"
          />
          <TextField
            name={`money.divisions.${index}.tiers`}
            label={`Division ${index + 1}: its places get`}
            value={row.tiers}
            faults={faults}
            autocomplete="off"
            placeholder={index === 0 ? "60 %; 30 %; 10 %" : ""}
          />
        </div>
      ))}
      <Fault name="money.divisions" faults={faults} />
    </>
  );
}

function RuleFields(
  { money, faults }: { money: CompetitionFormValues["money"]; faults: Faults },
) {
  return (
    <div class="pair">
      <SelectField
        name="money.rest"
        label="What no place takes"
        value={money.rest}
        faults={faults}
        options={optionsOf(REST_TEXT)}
      />
      <SelectField
        name="money.clawBack"
        label="Disqualified after the prizes"
        value={money.clawBack}
        faults={faults}
        options={optionsOf(CLAW_BACK_TEXT)}
      />
      <SelectField
        name="money.approvals"
        label="Approved by"
        value={money.approvals}
        faults={faults}
        options={[
          { value: "1", label: "One of the finance staff" },
          { value: "2", label: "Two different people" },
        ]}
      />
    </div>
  );
}

function optionsOf(texts: Record<string, string>) {
  return Object.entries(texts).map(([value, label]) => ({ value, label }));
}
