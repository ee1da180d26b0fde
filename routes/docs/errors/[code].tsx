import { HttpError, page } from "fresh";
import { PageHead } from "@/components/PageHead.tsx";
import { Badge } from "@/components/Badge.tsx";
import { PlainText } from "@/components/PlainText.tsx";
import { ApiMethod } from "@/components/docs/ApiMethod.tsx";
import type { Operation, OperationGroup } from "@/components/docs/api_reference.ts";
import { ERROR_HELP, failureSample } from "@/contracts/error_help.ts";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";
import { define } from "../../define.ts";
import { referenceOf } from "../reference.ts";
import { statusName } from "../status_name.ts";

export const handler = define.handlers({
  GET({ params, state }) {
    const code = params.code!;
    if (!isErrorCode(code)) throw new HttpError(404, "There is no such code");
    return page({ code, operations: operationsWith(referenceOf(state.apiDocument()), code) });
  },
});

export default define.page<typeof handler>(function ErrorPage({ data }) {
  const { code, operations } = data;
  const status = ERROR_STATUS[code];
  const { cause, fix } = ERROR_HELP[code];
  const sample = JSON.stringify(failureSample(code), null, 2);
  return (
    <div class="docs-page narrow">
      <PageHead
        title={code}
        crumbs={[{ href: "/docs/errors", label: "Error codes" }]}
        badge={<Badge tone={status < 500 ? "warn" : "bad"}>{status} {statusName(status)}</Badge>}
      />
      <div class="stack">
        <section class="prose">
          <h2>Cause</h2>
          <p>
            <PlainText text={cause} />
          </p>
          <h2>What to do</h2>
          <p>
            <PlainText text={fix} />
          </p>
        </section>
        <section class="sample">
          <h2 id="sample">Sample answer</h2>
          <pre tabIndex={0} role="group" aria-labelledby="sample"><code>{sample}</code></pre>
        </section>
        <Who operations={operations} code={code} />
      </div>
    </div>
  );
});

function Who({ operations, code }: { operations: Operation[]; code: ErrorCode }) {
  if (operations.length === 0) return null;
  return (
    <section class="card" aria-labelledby="who">
      <div class="card-head">
        <h2 id="who">Operations that answer {code}</h2>
      </div>
      <ul class="operation-list">
        {operations.map(({ id, method, path }) => (
          <li key={id}>
            <a href={`/docs#${id}`}>
              <ApiMethod method={method} small /> <code>{path}</code>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, text);
}

function operationsWith(groups: OperationGroup[], code: ErrorCode): Operation[] {
  return groups.flatMap(({ operations }) => operations).filter(({ failures }) => {
    return failures.some(({ codes }) => codes.includes(code));
  });
}
