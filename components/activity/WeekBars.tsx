import type { Dashboard } from "@/contracts/dashboard.ts";
import type { ActivityTotals } from "@/contracts/fitness.ts";
import { QUANTITIES, type Quantity } from "@/domain/activity.ts";
import { quantityName, quantityText } from "./activity_text.ts";

/** What a week is told by, the first that there is any of. */
const TOLD_BY: readonly Quantity[] = ["distance", "steps", "moving_time", "active_energy"];

const BAR_WIDTH = 28;
const STEP = 44;
const HEIGHT = 96;
const WIDTH = 7 * STEP;

/** The days of a week as bars; the text says what the picture shows. */
export function WeekBars({ week, locale }: { week: Dashboard["week"]; locale: string }) {
  const quantity = TOLD_BY.find((name) => week.totals[name] > 0) ?? "distance";
  const values = week.days.map(({ totals }) => totals[quantity]);
  const most = Math.max(...values, 1);
  const told = week.days.map(({ day }, index) =>
    `${weekday(day, locale, "long")} ${quantityText(quantity, values[index]!)}`
  );
  return (
    <figure class="week-bars">
      <figcaption>{quantityName(quantity)} by day</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 22}`}
        role="img"
        aria-label={`${quantityName(quantity)} of this week: ${told.join(", ")}`}
      >
        {DAYS.map((offset) => {
          const height = Math.round((values[offset] ?? 0) / most * HEIGHT);
          const x = offset * STEP + (STEP - BAR_WIDTH) / 2;
          const isToday = offset === week.days.length - 1;
          return (
            <g key={offset} data-today={isToday ? "" : undefined}>
              <rect class="ground" x={x} y={0} width={BAR_WIDTH} height={HEIGHT} rx={6} />
              <rect
                class="bar"
                x={x}
                y={HEIGHT - height}
                width={BAR_WIDTH}
                height={height}
                rx={Math.min(6, height / 2)}
              />
              <text x={offset * STEP + STEP / 2} y={HEIGHT + 17} text-anchor="middle">
                {weekday(dayAfter(week.from, offset), locale, "short")}
              </text>
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** Days are calendar dates: in UTC all of them have 24 hours. */
function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function weekday(day: string, locale: string, style: "long" | "short"): string {
  return new Intl.DateTimeFormat(locale, { weekday: style, timeZone: "UTC" })
    .format(new Date(`${day}T00:00:00Z`));
}

/** The quantities of some days, those there is any of, each with its name. */
export function totalFigures(totals: ActivityTotals): { label: string; value: string }[] {
  const names = (Object.keys(QUANTITIES) as Quantity[]).filter((name) => totals[name] > 0);
  const figures = names.map((name) => ({
    label: quantityName(name),
    value: quantityText(name, totals[name]),
  }));
  if (totals.activities === 0) return figures;
  return [...figures, { label: "Sessions", value: String(totals.activities) }];
}
