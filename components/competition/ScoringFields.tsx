import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import {
  AGGREGATES,
  DAY_ZONES,
  MANUAL_POLICIES,
  METRICS,
  OVERLAP_RULES,
  POINT_UNITS,
  RANK_METHODS,
  SCORE_OPERATORS,
  TIE_BREAKS,
} from "@/domain/rules.ts";
import type { FieldsProps } from "./CompetitionFields.tsx";
import type { ScoringFormValues, ScoringLimit } from "./competition_form.ts";
import { Choice, Fault, type Faults, type Option, SelectField, TextField } from "../Field.tsx";
import {
  AGGREGATE_TEXT,
  DAY_ZONE_TEXT,
  MANUAL_TEXT,
  OPERATOR_TEXT,
  OVERLAP_TEXT,
  POINT_UNIT_TEXT,
  RANK_METHOD_TEXT,
  sentence,
  TIE_BREAK_TEXT,
} from "./rule_text.ts";
import { metricName } from "../score_text.ts";

const METRIC_UNITS: Record<string, string> = {
  distance: "m",
  "moving_time": "s",
  "active_energy": "kcal",
  "elevation_gain": "m",
};

const METRIC_OPTIONS: Option[] = METRICS.map((metric) => {
  const unit = METRIC_UNITS[metric];
  return { value: metric, label: unit ? `${metricName(metric)} (${unit})` : metricName(metric) };
});

const LOCKED_LATER = "Publishing locks the rules, so that nobody's score changes its meaning.";

/** Where scores come from and how they count; locked once published. */
export function ScoringFields(
  { values: { scoring: values }, faults, about = LOCKED_LATER }: FieldsProps & {
    /** What is said of the rules at the top. */
    about?: string;
  },
) {
  const props = { values, faults };
  return (
    <fieldset class="card group">
      <legend>Scoring</legend>
      <p class="about">{about}</p>
      <div class="field" role="radiogroup" aria-labelledby="kind-label">
        <span class="label" id="kind-label">Scores come from</span>
        <div class="cards-choice">
          <Choice
            type="radio"
            name="scoring.kind"
            value="activity"
            label="Activity"
            about="Computed from what watches and apps record"
            checked={values.kind === "activity"}
          />
          <Choice
            type="radio"
            name="scoring.kind"
            value="direct"
            label="Direct scores"
            about="Apps send scores through the API"
            checked={values.kind === "direct"}
          />
        </div>
        <Fault name="scoring.kind" faults={faults} />
      </div>
      <ActivityFields {...props} />
      <DirectFields {...props} />
      <SelectField
        name="scoring.direction"
        label="Who wins"
        value={values.direction}
        faults={faults}
        options={[
          { value: "higher", label: "The higher score" },
          { value: "lower", label: "The lower score" },
        ]}
      />
    </fieldset>
  );
}

interface ScoringProps {
  values: ScoringFormValues;
  faults: Faults;
}

function ActivityFields(props: ScoringProps) {
  const { values, faults } = props;
  return (
    <div class="form only-activity">
      <div class="pair">
        <SelectField
          name="scoring.metric"
          label="Measures"
          value={values.metric}
          faults={faults}
          options={METRIC_OPTIONS}
        />
        <SelectField
          name="scoring.aggregate"
          label="Takes"
          value={values.aggregate}
          faults={faults}
          options={AGGREGATES.map((value) => ({ value, label: AGGREGATE_TEXT[value] }))}
        />
      </div>
      <div class="pair">
        <LimitField {...props} limit="dailyGoal" />
        <LimitField {...props} limit="target" />
      </div>
      <PointsFields {...props} />
      <fieldset class="field">
        <legend class="label">Activity types that count</legend>
        <p class="hint">None chosen: all count.</p>
        <div class="choices">
          {ACTIVITY_TYPES.map((type) => (
            <Choice
              type="checkbox"
              name="scoring.activityTypes"
              value={type}
              label={sentence(type)}
              checked={values.activityTypes.includes(type)}
            />
          ))}
        </div>
        <Fault name="scoring.activityTypes" faults={faults} />
      </fieldset>
      <div class="pair">
        <SelectField
          name="scoring.manualPolicy"
          label="Entries made by hand"
          value={values.manualPolicy}
          faults={faults}
          options={MANUAL_POLICIES.map((value) => ({ value, label: MANUAL_TEXT[value] }))}
        />
        <LimitField {...props} limit="manualDailyCap" />
      </div>
      <LimitFields {...props} />
      {values.plausibility
        ? <input type="hidden" name="scoring.plausibility" value={values.plausibility} />
        : null}
    </div>
  );
}

const LIMITS: Record<ScoringLimit, { label: string; hint: string }> = {
  dailyGoal: { label: "Daily goal", hint: "In the unit measured; a day counts when it gets there" },
  target: { label: "Target", hint: "In the unit measured; whoever gets there first wins" },
  dailyMinimum: { label: "Daily minimum", hint: "A day with less does not count" },
  dailyCap: { label: "Daily cap", hint: "What is above it on one day does not count" },
  activityMinimum: {
    label: "Minimum of an activity",
    hint: "One with less does not count; then samples do not either",
  },
  activityCap: {
    label: "Cap of an activity",
    hint: "What is above it does not count; then samples do not either",
  },
  manualDailyCap: {
    label: "Most by hand a day",
    hint: "In the unit measured; more entered by hand does not count",
  },
  backfillDays: {
    label: "Days before joining that count",
    hint: "0: from the day of joining. Empty: everything since the start",
  },
};

function LimitField({ limit, values, faults }: ScoringProps & { limit: ScoringLimit }) {
  return (
    <TextField
      class={`only-${limit}`}
      name={`scoring.${limit}`}
      label={LIMITS[limit].label}
      value={values[limit]}
      faults={faults}
      inputMode="numeric"
      hint={LIMITS[limit].hint}
    />
  );
}

/** What most competitions leave as it is; open where something is set or wrong. */
function LimitFields(props: ScoringProps) {
  const { values, faults } = props;
  const limits = [
    "dailyMinimum",
    "dailyCap",
    "activityMinimum",
    "activityCap",
    "backfillDays",
  ] as const;
  const isOpen = limits.some((limit) => values[limit] !== "" || faults[`scoring.${limit}`]);
  return (
    <details class="more" open={isOpen}>
      <summary>Limits, late joiners, several sources</summary>
      <div class="form">
        <p class="hint">Amounts are in the unit measured. Empty: no limit.</p>
        <div class="pair">
          <LimitField {...props} limit="dailyMinimum" />
          <LimitField {...props} limit="dailyCap" />
        </div>
        <div class="pair">
          <LimitField {...props} limit="activityMinimum" />
          <LimitField {...props} limit="activityCap" />
        </div>
        <div class="pair">
          <LimitField {...props} limit="backfillDays" />
          <SelectField
            name="scoring.dayZone"
            label="Days are those of"
            value={values.dayZone}
            faults={faults}
            options={DAY_ZONES.map((value) => ({ value, label: DAY_ZONE_TEXT[value] }))}
          />
        </div>
        <SelectField
          name="scoring.overlap"
          label="Phone and watch on one day"
          value={values.overlap}
          faults={faults}
          options={OVERLAP_RULES.map((value) => ({ value, label: OVERLAP_TEXT[value] }))}
        />
      </div>
    </details>
  );
}

/** A number and its unit for each type. */
function PointsFields({ values, faults }: ScoringProps) {
  return (
    <fieldset class="field only-points">
      <legend class="label">Points</legend>
      <p class="hint">A whole number for each type that gets points; the others get none.</p>
      <div class="points">
        {ACTIVITY_TYPES.map((type) => (
          <div class="points-line">
            <label for={`points-${type}`}>{sentence(type)}</label>
            <input
              class="input"
              id={`points-${type}`}
              name={`scoring.points.${type}`}
              value={values.points[type]?.points ?? ""}
              inputMode="numeric"
            />
            <select
              class="input"
              name={`scoring.per.${type}`}
              aria-label={`${sentence(type)}: points`}
            >
              {POINT_UNITS.map((unit) => (
                <option value={unit} selected={unit === values.points[type]?.per}>
                  {POINT_UNIT_TEXT[unit]}
                </option>
              ))}
            </select>
          </div>
        ))}
      </div>
      <Fault name="scoring.points" faults={pointsFaults(faults)} />
    </fieldset>
  );
}

/** A fault of one line is told below the list; the contract numbers lines, people do not. */
function pointsFaults(faults: Faults): Faults {
  const ofLine = Object.keys(faults).find((name) => name.startsWith("scoring.points."));
  const own = faults["scoring.points"];
  if (own !== undefined) return { "scoring.points": own };
  return ofLine === undefined ? {} : { "scoring.points": `Points: ${faults[ofLine]}` };
}

function DirectFields({ values, faults }: ScoringProps) {
  return (
    <div class="form only-direct">
      <div class="pair">
        <SelectField
          name="scoring.operator"
          label="Each update"
          value={values.operator}
          faults={faults}
          options={SCORE_OPERATORS.map((value) => ({ value, label: OPERATOR_TEXT[value] }))}
        />
        <SelectField
          name="scoring.decimals"
          label="Decimals"
          value={values.decimals}
          faults={faults}
          options={["0", "1", "2", "3"].map((value) => ({ value, label: value }))}
        />
      </div>
      <Choice
        type="checkbox"
        name="scoring.selfReport"
        value="true"
        label="Participants may report their own scores"
        about="Without it, only API keys and admins send scores."
        checked={values.selfReport}
      />
    </div>
  );
}

/** How ranks are given and ties broken; locked once published. */
export function RankingFields({ values, faults }: FieldsProps) {
  const tieOptions: Option[] = [
    { value: "", label: "–" },
    ...TIE_BREAKS.map((value) => ({ value, label: TIE_BREAK_TEXT[value] })),
  ];
  return (
    <fieldset class="card group">
      <legend>Ranks and ties</legend>
      <SelectField
        name="rankMethod"
        label="Ranks with two people in second place"
        value={values.rankMethod}
        faults={faults}
        options={RANK_METHODS.map((value) => ({ value, label: RANK_METHOD_TEXT[value] }))}
      />
      <fieldset class="field">
        <legend class="label">Equal scores are told apart by</legend>
        <p class="hint">After these, whoever reached the score first goes first.</p>
        <div class="triple">
          {TIE_BREAKS.map((_, i) => (
            <div class="field">
              <label for={`tie-${i}`}>{["First", "Then", "Last"][i]}</label>
              <select class="input" id={`tie-${i}`} name="tieBreaks">
                {tieOptions.map(({ value, label }) => (
                  <option value={value} selected={value === (values.tieBreaks[i] ?? "")}>
                    {label}
                  </option>
                ))}
              </select>
            </div>
          ))}
        </div>
        <Fault name="tieBreaks" faults={faults} />
      </fieldset>
    </fieldset>
  );
}
