/** Entry fee and prizes in the competition form, as text, the way a browser posts them. */

/** Places in a row and what each of them gets: `50 %` of the pool, or `25.00`. */
export interface TierFormValues {
  places: string;
  worth: string;
}

/** The fields about money; all empty: free, and nothing to win. */
export interface MoneyFormValues {
  currency: string;
  fee: string;
  /** Shares of the fees in percent; what is left goes to the prizes. */
  platform: string;
  organiser: string;
  sponsored: string;
  tiers: TierFormValues[];
  rest: string;
  clawBack: string;
  approvals: string;
  divisions: DivisionPrizeFormValues[];
}

/** The prizes of one division: its share of the pool in percent, and its places from the first on,
 * like `60 %; 2 x 20 %` or `25.00; 10.00`. */
export interface DivisionPrizeFormValues {
  division: string;
  share: string;
  tiers: string;
}

/** Free, and nothing to win. */
export const NO_MONEY_FORM: MoneyFormValues = {
  currency: "",
  fee: "",
  platform: "",
  organiser: "",
  sponsored: "",
  tiers: [],
  rest: "organiser",
  clawBack: "reverse",
  approvals: "1",
  divisions: [],
};

/** Divisions to fill in beyond those that are. */
const DIVISIONS_SPARE = 2;

/** Rows of prizes by division that the form shows. */
export function divisionRows(
  rows: readonly DivisionPrizeFormValues[],
): DivisionPrizeFormValues[] {
  const empty = { division: "", share: "", tiers: "" };
  return [...rows, ...Array.from({ length: DIVISIONS_SPARE }, () => empty)];
}

const ROWS_MIN = 5;
/** Rows to fill in beyond those that are; after saving there are as many again. */
const ROWS_SPARE = 2;

/** Rows of prizes that the form shows. */
export function tierRows(tiers: readonly TierFormValues[]): TierFormValues[] {
  const count = Math.max(ROWS_MIN, tiers.length + ROWS_SPARE);
  return Array.from({ length: count }, (_, index) => tiers[index] ?? { places: "", worth: "" });
}
