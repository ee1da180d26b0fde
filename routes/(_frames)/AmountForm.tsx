import type { ComponentChildren } from "preact";
import {
  CsrfField,
  type Faults,
  FaultSummary,
  SelectField,
  TextField,
} from "@/components/Field.tsx";
import { CURRENCIES } from "@/domain/money.ts";

/** The posted fields of an amount, as they were typed. */
export interface AmountValues {
  currency: string;
  amount: string;
  note: string;
  /** Made with the form, so that sending it twice orders once. */
  key: string;
}

/** Asks for an amount to move in or out. */
export function AmountForm(
  { values, faults, csrfToken, currencies, button, children }: {
    values: AmountValues;
    faults: Faults;
    csrfToken: string;
    /** The choices; any currency where there are none. */
    currencies: readonly string[];
    button: string;
    children?: ComponentChildren;
  },
) {
  return (
    <form method="post" class="card card-body form" noValidate>
      <FaultSummary faults={faults} />
      <CsrfField token={csrfToken} />
      <input type="hidden" name="key" value={values.key} />
      {children}
      <div class="pair">
        <TextField
          name="amount"
          label="Amount"
          value={values.amount}
          faults={faults}
          required
          inputMode="decimal"
          autocomplete="off"
          placeholder="20.00"
        />
        <CurrencyField value={values.currency} faults={faults} currencies={currencies} />
      </div>
      <TextField
        name="note"
        label="Note (optional)"
        value={values.note}
        faults={faults}
        maxLength={500}
        autocomplete="off"
      />
      <div class="actions">
        <button type="submit" class="button primary">{button}</button>
        <a class="button" href="/me/wallet">Back to the wallet</a>
      </div>
    </form>
  );
}

function CurrencyField(
  { value, faults, currencies }: {
    value: string;
    faults: Faults;
    currencies: readonly string[];
  },
) {
  if (currencies.length > 0) {
    const options = currencies.map((code) => ({ value: code, label: code }));
    return (
      <SelectField
        name="currency"
        label="Currency"
        value={value}
        faults={faults}
        options={options}
      />
    );
  }
  return (
    <>
      <TextField
        name="currency"
        label="Currency"
        value={value}
        faults={faults}
        list="currencies"
        required
        maxLength={3}
        autocomplete="off"
        spellcheck={false}
        placeholder="EUR"
      />
      <datalist id="currencies">
        {[...CURRENCIES].map((code) => <option key={code} value={code} />)}
      </datalist>
    </>
  );
}
