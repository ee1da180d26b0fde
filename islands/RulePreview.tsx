import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "@/components/Icon.tsx";
import {
  PREVIEW_FIELD,
  PREVIEW_ON_FIELD,
  previewRequestOf,
} from "@/components/competition/preview_request.ts";
import { PreviewTable } from "@/components/competition/PreviewTable.tsx";
import type { RulePreview as Preview } from "@/contracts/rule_preview.ts";
import type { ScoringRule } from "@/contracts/scoring.ts";

/** What was tried, and what came of it. */
export interface Tried {
  scoring: ScoringRule;
  preview: Preview;
}

export interface RulePreviewProps {
  /** Where rules are tried. */
  endpoint: string;
  /** Vouches for the page's session. */
  csrfToken: string;
  /** The rule of the form as it came; null where it cannot be tried. */
  tried: Tried | null;
  /** Why it cannot. */
  fault: string | null;
  /** Whether there are participants to try it on. */
  hasParticipants: boolean;
}

/** Longer than between two keys, shorter than anybody waits. */
const AFTER_MS = 350;

/** What the rule of the form around it does, anew after each change; without script by its button. */
export default function RulePreview(props: RulePreviewProps) {
  const root = useRef<HTMLDivElement>(null);
  const { state, isAsking, ask } = usePreview(root, props);
  const { tried, fault } = state;
  return (
    <div class="preview" ref={root} data-asking={isAsking ? "" : undefined}>
      <div class="preview-bar">
        {props.hasParticipants ? <TriedOn on={tried?.preview.on ?? "samples"} /> : null}
        <button
          type="submit"
          class="button"
          name={PREVIEW_FIELD}
          value="true"
          formNoValidate
          onClick={(event) => {
            event.preventDefault();
            ask();
          }}
        >
          <Icon name="review" /> Preview
        </button>
        <p class="muted small" role="status">{isAsking ? "Trying the rule …" : toldOf(tried)}</p>
      </div>
      {fault ? <p class="notice" data-tone="warn">{fault}</p> : null}
      {tried ? <PreviewTable preview={tried.preview} scoring={tried.scoring} /> : null}
    </div>
  );
}

function TriedOn({ on }: { on: Preview["on"] }) {
  return (
    <div class="field">
      <label for="preview-on">Tried on</label>
      <select class="input" id="preview-on" name={PREVIEW_ON_FIELD}>
        <option value="samples" selected={on === "samples"}>Sample athletes</option>
        <option value="participants" selected={on === "participants"}>
          The best 50 of the board, as of now
        </option>
      </select>
    </div>
  );
}

function toldOf(tried: Tried | null): string {
  if (!tried) return "";
  const { on, total, rows } = tried.preview;
  if (on === "samples") return `One week of ${total} made-up athletes`;
  return `${rows.length} of ${total} participants; adjustments by staff are not in it`;
}

type State = Pick<RulePreviewProps, "tried" | "fault">;

/** Asks again a moment after each change of the form; of several answers the last question's counts. */
function usePreview(root: { current: HTMLElement | null }, props: RulePreviewProps) {
  const [state, setState] = useState<State>(props);
  const [isAsking, setAsking] = useState(false);
  const asking = useRef<AbortController>();
  const ask = async () => {
    const form = root.current?.closest("form");
    if (!form) return;
    asking.current?.abort();
    const { signal } = asking.current = new AbortController();
    setAsking(true);
    const answer = await tryRule(props, new FormData(form), signal);
    if (signal.aborted) return;
    setAsking(false);
    // What was there before stays in sight beside the reason.
    setState((before) => ({ tried: answer.tried ?? before.tried, fault: answer.fault }));
  };
  useEffect(() => {
    const form = root.current?.closest("form");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, AFTER_MS);
    };
    form?.addEventListener("input", later);
    return () => {
      clearTimeout(timer);
      asking.current?.abort();
      form?.removeEventListener("input", later);
    };
  }, []);
  return { state, isAsking, ask };
}

async function tryRule(
  { endpoint, csrfToken }: RulePreviewProps,
  form: FormData,
  signal: AbortSignal,
): Promise<State> {
  const request = previewRequestOf(form);
  try {
    const res = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": csrfToken },
      body: JSON.stringify(request),
      signal,
    });
    const { data, error } = await res.json();
    if (res.ok) {
      return { tried: { preview: data, scoring: request.scoring as ScoringRule }, fault: null };
    }
    return { tried: null, fault: error.details?.[0]?.message ?? error.message };
  } catch {
    return { tried: null, fault: "The server does not answer. What is below is of before." };
  }
}
