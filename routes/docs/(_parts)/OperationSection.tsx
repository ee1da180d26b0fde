import { ApiFields } from "@/components/docs/ApiFields.tsx";
import { ApiMethod } from "@/components/docs/ApiMethod.tsx";
import type {
  Access,
  AnswerView,
  FailureView,
  Operation,
} from "@/components/docs/api_reference.ts";
import { formFields, requestSamples } from "@/components/docs/api_request.ts";
import { PlainText } from "@/components/PlainText.tsx";
import CodeTabs from "@/islands/CodeTabs.tsx";
import TryOperation from "@/islands/TryOperation.tsx";

const PLACES = [
  { place: "path", title: "In the path" },
  { place: "query", title: "In the query" },
  { place: "header", title: "In the head" },
];

/** One operation: what it takes at the left, samples at the right. */
export function OperationSection(
  { operation, origin, csrfToken }: { operation: Operation; origin: string; csrfToken: string },
) {
  const { id, method, path, summary, description, body } = operation;
  return (
    <section class="operation" id={id} aria-labelledby={`${id}-title`}>
      <div class="operation-text">
        <h3 id={`${id}-title`}>
          <a href={`#${id}`}>{summary}</a>
        </h3>
        <p class="operation-path">
          <ApiMethod method={method} />
          <code>{path}</code>
        </p>
        {description
          ? (
            <p>
              <PlainText text={description} />
            </p>
          )
          : null}
        <AccessNote operation={operation} />
        {PLACES.map(({ place, title }) => {
          const rows = operation.parameters.filter((parameter) => parameter.in === place);
          return rows.length > 0 ? <ApiFields key={place} title={title} rows={rows} /> : null;
        })}
        {body && body.fields.length > 0
          ? <ApiFields title={bodyTitle(body)} rows={body.fields} />
          : null}
        <Failures failures={operation.failures} />
      </div>
      <div class="operation-samples">
        <CodeTabs id={id} label="Request" tabs={requestSamples(operation, origin)} />
        {operation.answers.map((answer) => <AnswerSample key={answer.status} answer={answer} />)}
        {operation.canTry ? <TryOperation {...tryProps(operation)} csrfToken={csrfToken} /> : null}
      </div>
    </section>
  );
}

function bodyTitle({ mediaType, isRequired }: { mediaType: string; isRequired: boolean }): string {
  const kind = mediaType === "application/json" ? "Body" : "Form";
  return isRequired ? kind : `${kind}, may be left out`;
}

const ACCESS: Record<Access, string> = {
  public: "No token needed",
  optional: "Token only where not public",
  token: "Token needed",
};

function AccessNote({ operation }: { operation: Operation }) {
  return <p class="access" data-access={operation.access}>{ACCESS[operation.access]}</p>;
}

function Failures({ failures }: { failures: readonly FailureView[] }) {
  if (failures.length === 0) return null;
  return (
    <details class="failures more">
      <summary>Error codes</summary>
      <dl>
        {failures.map(({ status, codes }) => (
          <div key={status}>
            <dt>{status}</dt>
            <dd>
              {codes.map((code) => <a key={code} href={`/docs/errors/${code}`}>{code}</a>)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function AnswerSample({ answer }: { answer: AnswerView }) {
  const { status, description, mediaType, sample } = answer;
  return (
    <div class="sample">
      <p class="sample-head">
        <b>{status}</b> {description}
        {mediaType && !sample ? <span class="muted">as {mediaType}</span> : null}
      </p>
      {sample
        ? (
          <pre
            tabIndex={0}
            role="group"
            aria-label={`Answer ${status}`}
          ><code>{sample}</code></pre>
        )
        : null}
    </div>
  );
}

function tryProps(operation: Operation) {
  const { id, method, path, parameters, body, access } = operation;
  return {
    id,
    method,
    path,
    parameters: parameters.map(({ name, in: place, isRequired, sample, options }) => {
      return { name, in: place, isRequired, sample, options };
    }),
    bodySample: body?.sample ?? null,
    formFields: formFields(operation),
    isPublic: access === "public",
  };
}
