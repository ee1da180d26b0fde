import { useEffect } from "preact/hooks";
import { dayText, instantText, secondText } from "@/components/time_text.ts";

const WRITERS = { instant: instantText, day: dayText, second: secondText };

/**
 * Writes the page's server-rendered times in the zone of the browser, for viewers who chose none;
 * without script they stay in UTC, with its name.
 */
export default function LocalTimes({ locale }: { locale: string }) {
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
      const write = WRITERS[time.dataset.local as keyof typeof WRITERS];
      time.textContent = write(time.dateTime, { timeZone, locale });
    }
  }, []);
  return null;
}
