import { page } from "fresh";
import { snippetsFor } from "@/components/docs/snippets.ts";
import CopyCode from "@/islands/CopyCode.tsx";
import { CompetitionFrame } from "../../../(_frames)/CompetitionFrame.tsx";
import { define } from "../../../define.ts";

export const handler = define.handlers({
  async GET({ state: { services, actor }, params }) {
    return page({ competition: await services.competitions.get(actor, params.id!) });
  },
});

export default define.page<typeof handler>(function ApiTab({ data, state }) {
  const { competition } = data;
  const { publicUrl } = state;
  const { id: competitionId, scoring } = competition;
  return (
    <CompetitionFrame competition={competition} tab="/api">
      <div class="stack narrow">
        <p class="muted">
          These calls work as they stand, once <code>$TOKEN</code> holds an access token from{" "}
          <code>POST /api/v1/auth/login</code>. The whole API is described in the{" "}
          <a href="/docs">reference</a>.
        </p>
        {snippetsFor({ publicUrl, competitionId, scoring }).map((snippet) => (
          <CopyCode key={snippet.title} {...snippet} />
        ))}
      </div>
    </CompetitionFrame>
  );
});
