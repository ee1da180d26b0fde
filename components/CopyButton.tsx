import { useEffect, useState } from "preact/hooks";

/** The note stays long enough to be read. */
const NOTE_MS = 2000;

/** Copies a text; for use inside of islands. Off where there is no clipboard, or no script. */
export function CopyButton({ text }: { text: string }) {
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
      await navigator.clipboard.writeText(text);
      setNote("Copied");
    } catch {
      setNote("Not allowed");
    }
  };
  return (
    <button type="button" class="button night" disabled={!isReady} onClick={copy}>
      <span aria-live="polite">{note}</span>
    </button>
  );
}
