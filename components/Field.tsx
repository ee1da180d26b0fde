import type { ComponentChildren, JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** What is wrong, by field name (a dotted path); the empty name is the form as a whole. */
export type Faults = Record<string, string>;

interface FieldProps {
  name: string;
  label: string;
  hint?: ComponentChildren;
  faults?: Faults;
}

/** `scoring.kind` → `scoring-kind`: an id that selectors can name. */
export function fieldId(name: string): string {
  return name.replaceAll(".", "-");
}

/** A field's name as words, for where its label is not at hand.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fieldWords } from "@/components/Field.tsx";
 *
 * assertEquals(fieldWords("startsAt"), "Starts at");
 * assertEquals(fieldWords("money.tiers.0.places"), "Money tiers 1 places");
 * ```
 */
export function fieldWords(name: string): string {
  const words = name.split(".").map((part) => /^\d+$/.test(part) ? String(Number(part) + 1) : part)
    .join(" ").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The attributes that tie a control to its label, hint and fault. */
function tied({ name, hint, faults }: Omit<FieldProps, "label">) {
  const id = fieldId(name);
  const fault = faults?.[name];
  const described = [hint ? `${id}-hint` : "", fault ? `${id}-fault` : ""].filter(Boolean);
  return {
    id,
    name,
    "aria-invalid": fault ? "true" as const : undefined,
    "aria-describedby": described.length > 0 ? described.join(" ") : undefined,
  };
}

function Frame(props: FieldProps & { children: ComponentChildren; class?: string }) {
  const { name, label, hint, faults, children } = props;
  return (
    <div class={`field ${props.class ?? ""}`.trim()}>
      <label for={fieldId(name)}>{label}</label>
      {children}
      {hint ? <p class="hint" id={`${fieldId(name)}-hint`}>{hint}</p> : null}
      <Fault name={name} faults={faults ?? {}} />
    </div>
  );
}

/** The fault beside a field. */
export function Fault({ name, faults }: { name: string; faults: Faults }) {
  const text = faults[name];
  if (!text) return null;
  return (
    <p class="fault" id={`${fieldId(name)}-fault`}>
      <Icon name="alert" />
      <span>{text}</span>
    </p>
  );
}

type InputAttributes = Pick<
  JSX.InputHTMLAttributes<HTMLInputElement>,
  | "type"
  | "autocomplete"
  | "placeholder"
  | "required"
  | "inputMode"
  | "min"
  | "max"
  | "step"
  | "list"
  | "maxLength"
  | "accept"
  | "spellcheck"
  | "autoFocus"
>;

/** A labelled input. */
export function TextField(
  props: FieldProps & InputAttributes & { value?: string | undefined; class?: string },
) {
  const { label, hint, faults, class: className, ...input } = props;
  const frame = { name: props.name, label, hint, ...(faults ? { faults } : {}) };
  return (
    <Frame {...frame} {...(className ? { class: className } : {})}>
      <input class="input" {...input} {...tied(props)} />
    </Frame>
  );
}

/** A labelled text of several lines. */
export function TextArea(
  props: FieldProps & { value?: string; rows?: number; required?: boolean; maxLength?: number },
) {
  const { value, rows = 5, required, maxLength } = props;
  return (
    <Frame {...props}>
      <textarea
        class="input"
        rows={rows}
        required={required}
        maxLength={maxLength}
        {...tied(props)}
      >
        {value}
      </textarea>
    </Frame>
  );
}

/** One choice of a select. */
export interface Option {
  value: string;
  label: string;
}

/** A labelled select. */
export function SelectField(
  props: FieldProps & { value: string; options: readonly Option[]; class?: string },
) {
  return (
    <Frame {...props}>
      <select class="input" {...tied(props)}>
        {props.options.map(({ value, label }) => (
          <option value={value} selected={value === props.value}>{label}</option>
        ))}
      </select>
    </Frame>
  );
}

/** One radio button or checkbox with its words. */
export function Choice(props: {
  type: "radio" | "checkbox";
  name: string;
  value: string;
  label: string;
  about?: string;
  checked: boolean;
  required?: boolean;
}) {
  const { label, about, ...input } = props;
  return (
    <label class="choice">
      <input {...input} />
      <span>
        {label}
        {about ? <small>{about}</small> : null}
      </span>
    </label>
  );
}

/** The session's token, in every form that changes something. */
export function CsrfField({ token }: { token: string }) {
  return token ? <input type="hidden" name="_csrf" value={token} /> : null;
}

/**
 * Says above a form that it was not accepted; the fields say why. A long form repeats that here, with
 * links: its fields are far away, and some may be folded in.
 */
export function FaultSummary({ faults, isLong = false }: { faults: Faults; isLong?: boolean }) {
  const names = Object.keys(faults);
  if (names.length === 0) return null;
  const general = faults[""];
  return (
    <div class="notice" data-tone="bad" role="alert">
      <Icon name="alert" />
      <div>
        {general ?? (names.length === 1
          ? "One field needs another look."
          : `${names.length} fields need another look.`)}
        {isLong ? <FaultList faults={faults} /> : null}
      </div>
    </div>
  );
}

function FaultList({ faults }: { faults: Faults }) {
  const named = Object.entries(faults).filter(([name]) => name !== "");
  if (named.length === 0) return null;
  return (
    <ul>
      {named.map(([name, text]) => (
        <li key={name}>
          <a href={`#${fieldId(name)}`}>{fieldWords(name)}</a>: {text}
        </li>
      ))}
    </ul>
  );
}
