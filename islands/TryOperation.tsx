import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { type CallResult, sendCall } from "@/components/docs/api_call.ts";
import { missingParameters } from "@/components/docs/api_request.ts";
import { ApiAnswer } from "@/components/docs/ApiAnswer.tsx";

/** One input of the form. */
export interface TryField {
  name: string;
  in: string;
  isRequired: boolean;
  sample: string;
  /** The only values it takes; empty when any will do. */
  options: string[];
}

export interface TryOperationProps {
  id: string;
  method: string;
  path: string;
  parameters: TryField[];
  /** JSON text to start from; null without a JSON body. */
  bodySample: string | null;
  /** Fields of a multipart body. */
  formFields: { name: string; isFile: boolean; isRequired: boolean }[];
  isPublic: boolean;
  /** Vouches for writes by the page's session; empty for visitors. */
  csrfToken: string;
}

/** A pasted token serves every form of the page, and is forgotten with it. */
const token = signal("");

/** A form that sends the operation's request to this server and shows what comes back. */
export default function TryOperation(props: TryOperationProps) {
  const [isReady, setReady] = useState(false);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setReady(true), []);
  const { id, method } = props;
  return (
    <div class="try">
      <button
        type="button"
        class="button"
        disabled={!isReady}
        aria-expanded={isOpen}
        aria-controls={`${id}-try`}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? "Close the form" : "Try it"}
        <span class="hidden-text">: {method} {props.path}</span>
      </button>
      <div id={`${id}-try`}>{isOpen ? <TryForm {...props} /> : null}</div>
    </div>
  );
}

type Outcome = { result: CallResult } | { fault: string } | null;

function TryForm(props: TryOperationProps) {
  const { id, method, parameters, bodySample, formFields, isPublic } = props;
  const form = useRef<HTMLFormElement>(null);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const [isSending, setSending] = useState(false);

  const send = async (event: Event) => {
    event.preventDefault();
    if (!form.current || isSending) return;
    setSending(true);
    setOutcome(await callOf(props, new FormData(form.current)));
    setSending(false);
  };
  return (
    <form class="try-form" ref={form} onSubmit={send} noValidate>
      {method === "GET"
        ? null
        : <p class="hint">This sends a real request: what it changes here is changed.</p>}
      {isPublic ? null : <TokenField id={id} />}
      {parameters.length > 0
        ? (
          <div class="pair">
            {parameters.map((field) => <ParameterField key={field.name} id={id} field={field} />)}
          </div>
        )
        : null}
      {formFields.map(({ name, isFile, isRequired }) => (
        <div key={name} class="field">
          <label for={`${id}-form-${name}`}>{name}{isRequired ? " (required)" : ""}</label>
          <input
            class="input"
            id={`${id}-form-${name}`}
            name={`form:${name}`}
            type={isFile ? "file" : "text"}
          />
        </div>
      ))}
      {bodySample === null ? null : (
        <div class="field">
          <label for={`${id}-body`}>Body</label>
          <textarea
            class="input code-input"
            id={`${id}-body`}
            name="body"
            spellcheck={false}
            rows={Math.min(16, bodySample.split("\n").length + 1)}
          >
            {bodySample}
          </textarea>
        </div>
      )}
      <div class="actions">
        <button type="submit" class="button primary" aria-disabled={isSending}>
          {isSending ? "Sending…" : `Send ${method}`}
        </button>
      </div>
      <div aria-live="polite" class="try-outcome">
        {outcome && "fault" in outcome ? <p class="fault">{outcome.fault}</p> : null}
        {outcome && "result" in outcome
          ? <ApiAnswer result={outcome.result} onToken={(given) => token.value = given} />
          : null}
      </div>
    </form>
  );
}

function TokenField({ id }: { id: string }) {
  return (
    <div class="field">
      <label for={`${id}-token`}>Access token</label>
      <input
        class="input code-input"
        id={`${id}-token`}
        autocomplete="off"
        spellcheck={false}
        placeholder="Empty: the session of this browser"
        value={token.value}
        onInput={(event) => token.value = event.currentTarget.value.trim()}
      />
    </div>
  );
}

function ParameterField({ id, field }: { id: string; field: TryField }) {
  const { name, in: place, isRequired, sample, options } = field;
  const common = { class: "input", id: `${id}-parameter-${name}`, name: `parameter:${name}` };
  return (
    <div class="field">
      <label for={common.id}>
        {name} <span class="muted">{place}{isRequired ? ", required" : ""}</span>
      </label>
      {options.length > 0
        ? (
          <select {...common}>
            {isRequired ? null : <option value="">–</option>}
            {options.map((option) => <option key={option}>{option}</option>)}
          </select>
        )
        : <input {...common} placeholder={sample} autocomplete="off" spellcheck={false} />}
    </div>
  );
}

/** Reads the form and sends the request; what keeps it from being sent is told instead. */
async function callOf(props: TryOperationProps, form: FormData): Promise<Outcome> {
  const values = Object.fromEntries(
    props.parameters.map(({ name }) => [name, String(form.get(`parameter:${name}`) ?? "")]),
  );
  const missing = missingParameters(props, values);
  if (missing.length > 0) return { fault: `Fill in ${missing.join(", ")} first` };
  try {
    const { csrfToken } = props;
    const body = bodyOf(props, form);
    const input = { shape: props, values, body, token: token.value, csrfToken };
    const environment = { fetch: fetch.bind(globalThis), now: () => performance.now() };
    return { result: await sendCall(input, environment) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: `No answer: ${reason}` };
  }
}

function bodyOf(props: TryOperationProps, form: FormData): string | FormData | null {
  if (props.bodySample !== null) return String(form.get("body") ?? "") || null;
  if (props.formFields.length === 0) return null;
  const body = new FormData();
  for (const { name } of props.formFields) {
    const value = form.get(`form:${name}`);
    const isEmpty = value instanceof File ? value.size === 0 : !value;
    if (value !== null && !isEmpty) body.set(name, value);
  }
  return body;
}
