import type { FieldRow } from "./api_fields.ts";
import { PlainText } from "../PlainText.tsx";

/** Longer lists of choices are folded, so that a table stays a table. */
const CHOICES_SHOWN = 7;

/** Fields or parameters: name, type, whether it is needed, what it means. */
export function ApiFields({ title, rows }: { title: string; rows: readonly FieldRow[] }) {
  return (
    <div class="fields">
      <h4>{title}</h4>
      <dl>
        {rows.map((row) => (
          <div key={row.name}>
            <dt>
              <FieldName name={row.name} />
              {row.isRequired ? <span class="required">required</span> : null}
            </dt>
            <dd>
              <FieldType type={row.type} />
              {row.limits.length > 0 ? <span class="limits">{row.limits.join(", ")}</span> : null}
              {row.description
                ? (
                  <p>
                    <PlainText text={row.description} />
                  </p>
                )
                : null}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The way to a nested field is said quieter than its own name. */
function FieldName({ name }: { name: string }) {
  const end = name.lastIndexOf(".") + 1;
  return (
    <code class="field-name">
      {end > 0 ? <span>{name.slice(0, end)}</span> : null}
      {name.slice(end)}
    </code>
  );
}

function FieldType({ type }: { type: string }) {
  const choices = type.replace(/^\((.*)\)\[\]$/, "$1").split(" | ");
  if (choices.length <= CHOICES_SHOWN) return <code class="field-type">{type}</code>;
  return (
    <details class="choices-fold">
      <summary>
        <code class="field-type">
          {choices[0]} | {choices[1]} | … {choices.length} choices
        </code>
      </summary>
      <code class="field-type">{type}</code>
    </details>
  );
}
