import { useEffect, useState } from "preact/hooks";

/** The note stays long enough to be read. */
const NOTE_MS = 2000;

/** Copies a text; for use inside of islands. */
export function CopyButton({ text }: { text: string }) {
  const [note, setNote] = useState("Copy");
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
    <button type="button" class="button night" onClick={copy}>
      <span aria-live="polite">{note}</span>
    </button>
  );
}
