import { useEffect, useState } from "preact/hooks";
import type { Snippet } from "@/components/snippets.ts";

/** The note stays long enough to be read. */
const NOTE_MS = 2000;

/** A piece of code with a button that copies it; without script it is just selected by hand. */
export default function CopyCode({ title, code }: Snippet) {
  const [isReady, setReady] = useState(false);
  const [note, setNote] = useState("Copy");
  useEffect(() => setReady(navigator.clipboard !== undefined), []);
  useEffect(() => {
    if (note === "Copy") return;
    const timer = setTimeout(() => setNote("Copy"), NOTE_MS);
    return () => clearTimeout(timer);
  }, [note]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setNote("Copied");
    } catch {
      setNote("Not allowed");
    }
  };
  return (
    <div class="snippet">
      <div class="snippet-bar">
        <span>{title}</span>
        <button type="button" class="button night" disabled={!isReady} onClick={copy}>
          <span aria-live="polite">{note}</span>
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label={title}><code>{code}</code></pre>
    </div>
  );
}
