import { useEffect, useState } from "preact/hooks";
import { nextMoment } from "@/components/time_text.ts";
import { durationText } from "@/components/time_text.ts";

/** Times of a competition that a countdown runs to. */
export interface CountdownProps {
  startsAt: string;
  endsAt: string;
  graceMs: number;
  /** The server's now, so that the first render is the same in the browser. */
  nowMs: number;
}

/** Time to the start, to the end, then to the end of the grace; nothing afterwards. */
export default function Countdown({ nowMs, ...schedule }: CountdownProps) {
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const next = nextMoment(schedule, now);
  return (
    <div>
      <dt>{next ? next.label : "Over for"}</dt>
      <dd>
        {durationText(
          next ? next.atMs - now : now - Date.parse(schedule.endsAt) - schedule.graceMs,
        )}
      </dd>
    </div>
  );
}
