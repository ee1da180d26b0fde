import { ACTIVITY_TYPES } from "@/domain/activity.ts";
import { METRICS, RANK_METHODS, SCORE_OPERATORS, TIE_BREAKS } from "@/domain/rules.ts";
import type { FieldsProps } from "./CompetitionFields.tsx";
import { Choice, Fault, type Option, SelectField, TextField } from "./Field.tsx";
import { OPERATOR_TEXT, RANK_METHOD_TEXT, sentence, TIE_BREAK_TEXT } from "./rule_text.ts";
import { metricName } from "./score_text.ts";

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

/** Where scores come from and how they count; locked once published. */
export function ScoringFields(props: FieldsProps) {
  const { values, faults } = props;
  return (
    <fieldset class="card group">
      <legend>Scoring</legend>
      <p class="about">Publishing locks the rules, so that nobody's score changes its meaning.</p>
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

function ActivityFields({ values, faults }: FieldsProps) {
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
          options={[
            { value: "total", label: "The total" },
            { value: "best_activity", label: "The best single activity" },
          ]}
        />
      </div>
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
        <TextField
          name="scoring.dailyCap"
          label="Daily cap"
          value={values.dailyCap}
          faults={faults}
          inputMode="numeric"
          hint="In the unit measured; what is above it on one day does not count. Empty: no cap."
        />
        <SelectField
          name="scoring.manualPolicy"
          label="Entries made by hand"
          value={values.manualPolicy}
          faults={faults}
          options={[
            { value: "exclude", label: "Do not count" },
            { value: "include", label: "Count" },
          ]}
        />
      </div>
    </div>
  );
}

function DirectFields({ values, faults }: FieldsProps) {
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
