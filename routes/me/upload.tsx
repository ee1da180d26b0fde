import { type Context, page } from "fresh";
import { CsrfField, Fault, type Faults, FaultSummary, SelectField } from "@/components/Field.tsx";
import { Icon } from "@/components/Icon.tsx";
import { PageHead } from "@/components/PageHead.tsx";
import { reasonText } from "@/components/activity/activity_text.ts";
import { type Competition, CompetitionQuery } from "@/contracts/competitions.ts";
import type { DomainError } from "@/domain/error.ts";
import { define, type State } from "../define.ts";
import { textOf } from "../forms/fields.ts";
import { refusalOf, seeOther } from "../page_answer.ts";

interface Data {
  joined: Competition[];
  competitionId: string;
  faults: Faults;
}

async function formOf({ state }: Context<State>, given: Omit<Data, "joined">): Promise<Data> {
  const { services, actor } = state;
  const query = CompetitionQuery.parse({ scope: "joined", page_size: 100 });
  const { items } = await services.competitions.list(actor, query);
  return { ...given, joined: items.filter(({ scoring }) => scoring.kind === "activity") };
}

/** Why a file was refused, in words beside the field. */
function faultsOfImport(refusal: DomainError): Faults {
  const reason = refusal.details?.[0];
  return { file: reason ? reasonText(reason.code) : `${refusal.message}.` };
}

export const handler = define.handlers({
  async GET(ctx) {
    const competitionId = ctx.url.searchParams.get("competitionId") ?? "";
    return page<Data>(await formOf(ctx, { competitionId, faults: {} }));
  },
  async POST(ctx) {
    const { form, services, actor, upload } = ctx.state;
    const competitionId = textOf(form, "competitionId");
    if (!upload || upload.name === "") {
      const faults = { file: "Choose a file first" };
      return page<Data>(await formOf(ctx, { competitionId, faults }), { status: 422 });
    }
    let importId = "";
    const refusal = await refusalOf(async () => {
      const options = { competitionId: competitionId || undefined };
      importId = (await services.fitness.importFile(actor, upload, options)).import.id;
    });
    if (refusal) {
      const faults = faultsOfImport(refusal);
      const data = await formOf(ctx, { competitionId, faults });
      return page<Data>(data, { status: refusal.status });
    }
    return seeOther(ctx, `/me/imports/${importId}`);
  },
});

export default define.page<typeof handler>(function Upload({ data, state }) {
  const { joined, competitionId, faults } = data;
  return (
    <div class="narrow">
      <PageHead
        title="Upload an activity"
        sub="FIT, TCX or GPX, as your watch or app exports it, a zip of many, or all data of Apple's Health app."
      />
      <form class="form" method="post" action="/me/upload" encType="multipart/form-data" noValidate>
        <FaultSummary faults={faults} />
        <CsrfField token={state.csrfToken} />
        <div class="card card-body form">
          <div class="field">
            <label for="file">File</label>
            <input
              class="input"
              type="file"
              id="file"
              name="file"
              accept=".fit,.tcx,.gpx,.xml,.zip,.gz"
              required
              aria-invalid={faults.file ? "true" : undefined}
              aria-describedby={faults.file ? "file-fault file-hint" : "file-hint"}
            />
            <p class="hint" id="file-hint">
              Choose it or drop it here. Uploading the same file again changes nothing.
            </p>
            <Fault name="file" faults={faults} />
          </div>
          {joined.length > 0
            ? (
              <SelectField
                name="competitionId"
                label="Show the result in"
                value={competitionId}
                hint="It counts in every competition it fits, whichever you choose."
                options={[
                  { value: "", label: "All of my competitions" },
                  ...joined.map(({ id, name }) => ({ value: id, label: name })),
                ]}
              />
            )
            : (
              <p class="notice" data-tone="warn">
                <Icon name="info" />
                <span>
                  You take part in no competition that counts activity.{" "}
                  <a href="/">Join one</a>; what you upload now may still count there.
                </span>
              </p>
            )}
          <div class="actions">
            <button type="submit" class="button primary">
              <Icon name="upload" /> Upload
            </button>
          </div>
        </div>
      </form>
    </div>
  );
});
