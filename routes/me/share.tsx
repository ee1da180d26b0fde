import type { Context } from "fresh";
import { reasonText } from "@/components/activity/activity_text.ts";
import type { FlashMessage } from "@/components/Flash.tsx";
import type { Upload } from "@/services/activity/uploads.ts";
import { define, type State } from "../define.ts";
import { refusalOf, seeOther } from "../page_answer.ts";

/** Files that a phone shares: each is an upload of its own, and the person sees what became of it. */
export const handler = define.handlers({
  GET: (ctx) => seeOther(ctx, "/me/upload"),
  async POST(ctx) {
    const { uploads } = ctx.state;
    if (uploads.length === 0) {
      return seeOther(ctx, "/me/upload", { tone: "warn", text: "No file was shared. Choose it." });
    }
    const taken: Taken[] = [];
    for (const upload of uploads) taken.push(await take(ctx, upload));
    const [first] = taken;
    if (taken.length === 1 && first?.importId) {
      return seeOther(ctx, `/me/imports/${first.importId}`);
    }
    return seeOther(ctx, taken.length === 1 ? "/me/upload" : "/me/imports", toldOf(taken));
  },
});

interface Taken {
  name: string;
  importId?: string;
  fault?: string;
}

async function take({ state }: Context<State>, upload: Upload): Promise<Taken> {
  const taken: Taken = { name: upload.name };
  const refusal = await refusalOf(async () => {
    const { import: { id } } = await state.services.fitness.importFile(state.actor, upload, {});
    taken.importId = id;
  });
  const reason = refusal?.details?.[0];
  if (refusal) taken.fault = reason ? reasonText(reason.code) : `${refusal.message}.`;
  return taken;
}

function toldOf(taken: readonly Taken[]): FlashMessage {
  const refused = taken.filter(({ fault }) => fault !== undefined);
  const faults = refused.map(({ name, fault }) => `${name.slice(0, 40)}: ${fault}`).join(" ");
  if (refused.length === 0) {
    return { tone: "good", text: `${taken.length} files are uploaded.` };
  }
  const done = taken.length - refused.length;
  return { tone: "bad", text: `${done} of ${taken.length} files are uploaded. ${faults}` };
}
