import { PageHead } from "@/components/PageHead.tsx";
import { PlainText } from "@/components/PlainText.tsx";
import { ERROR_HELP } from "@/contracts/error_help.ts";
import { ERROR_STATUS, type ErrorCode } from "@/domain/error.ts";
import { define } from "../../define.ts";
import { statusName } from "../status_name.ts";

const BY_STATUS = [
  ...Map.groupBy(Object.keys(ERROR_STATUS) as ErrorCode[], (code) => ERROR_STATUS[code]),
].sort(([a], [b]) => a - b);

export default define.page(function ErrorsPage() {
  return (
    <div class="docs-page">
      <PageHead
        title="Error codes"
        sub="Rely on the code: the words of a message may change. Every answer with an error links its page."
      />
      <div class="stack">
        {BY_STATUS.map(([status, codes]) => (
          <section key={status} class="card" aria-labelledby={`status-${status}`}>
            <div class="card-head">
              <h2 id={`status-${status}`}>{status} {statusName(status)}</h2>
            </div>
            <dl class="code-list">
              {codes.map((code) => (
                <div key={code}>
                  <dt>
                    <a href={`/docs/errors/${code}`}>
                      <code>{code}</code>
                    </a>
                  </dt>
                  <dd>
                    <PlainText text={ERROR_HELP[code].cause} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </div>
  );
});
