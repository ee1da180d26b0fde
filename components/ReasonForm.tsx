import type { ComponentChildren } from "preact";
import { CsrfField, type Faults } from "./Field.tsx";
import { Icon } from "./Icon.tsx";

/** What was posted to a page of several forms and was not accepted. */
export interface Attempt {
  /** Value of the button; empty before anything was posted. */
  action: string;
  reason: string;
  faults: Faults;
}

/** Nothing was posted yet. */
export const NO_ATTEMPT: Attempt = { action: "", reason: "", faults: {} };

/** One action with the words why; several of them share a page, so the ids have the action in them. */
export function ReasonForm(props: {
  /** Value of the button. */
  action: string;
  csrfToken: string;
  button: string;
  tone?: "primary" | "danger";
  label?: string;
  hint: string;
  /** Whether the words may be left out. */
  isOptional?: boolean;
  /** Told apart from other forms of the same action on the page. */
  scope?: string;
  attempt: Attempt;
  children?: ComponentChildren;
}) {
  const { action, csrfToken, button, tone = "primary", label, hint, isOptional, attempt } = props;
  const { faults, reason } = attempt.action === action ? attempt : NO_ATTEMPT;
  const id = `${action}${props.scope ?? ""}-reason`;
  const fault = faults.reason ?? faults.text;
  return (
    <form method="post" class="form" noValidate>
      <CsrfField token={csrfToken} />
      {faults[""] ? <FormFault text={faults[""]} /> : null}
      {props.children}
      <div class="field">
        <label for={id}>{label ?? (isOptional ? "Note (optional)" : "Reason")}</label>
        <textarea
          class="input short"
          id={id}
          name="reason"
          rows={2}
          maxLength={500}
          required={!isOptional}
          aria-invalid={fault ? "true" : undefined}
          aria-describedby={fault ? `${id}-hint ${id}-fault` : `${id}-hint`}
        >
          {reason}
        </textarea>
        <p class="hint" id={`${id}-hint`}>{hint}</p>
        {fault
          ? (
            <p class="fault" id={`${id}-fault`}>
              <Icon name="alert" />
              <span>{fault}</span>
            </p>
          )
          : null}
      </div>
      <div class="actions">
        <button type="submit" class={`button ${tone}`} name="action" value={action}>
          {button}
        </button>
      </div>
    </form>
  );
}

/** Why a form as a whole was not accepted. */
export function FormFault({ text }: { text: string }) {
  return (
    <p class="notice" data-tone="bad" role="alert">
      <Icon name="alert" />
      <span>{text}</span>
    </p>
  );
}
