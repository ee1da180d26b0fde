import { useEffect, useState } from "preact/hooks";

export interface ImportProgressProps {
  importId: string;
  /** Of the file's bytes, when the page was made. */
  percent: number;
}

/** Often enough to look alive. */
const ASK_EVERY_MS = 2000;

/** How far the reading of a long file has come; opens the page anew when it is done. */
export default function ImportProgress({ importId, percent }: ImportProgressProps) {
  const [now, setNow] = useState(percent);
  useEffect(() => {
    const timer = setInterval(async () => {
      const summary = await ask(importId);
      if (summary === undefined) return;
      if (!UNFINISHED.includes(summary.status)) return location.reload();
      setNow(summary.progress?.percent ?? 0);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [importId]);
  return (
    <p class="progress-line">
      <progress class="track" max="100" value={now} aria-label="How far the file is read" />
      <span class="gain">{now}&nbsp;%</span>
    </p>
  );
}

const UNFINISHED: readonly string[] = ["queued", "running"];

interface Summary {
  status: string;
  progress: { percent: number } | null;
}

/** Undefined when there is no answer now; the next question may have one. */
async function ask(importId: string): Promise<Summary | undefined> {
  try {
    const res = await fetch(`/api/v1/fitness/imports/${importId}`);
    if (!res.ok) return undefined;
    const body: { data: { import: Summary } } = await res.json();
    return body.data.import;
  } catch {
    return undefined;
  }
}
