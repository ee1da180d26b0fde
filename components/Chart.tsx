import { areaPath, type ChartBox, linePath, niceMax } from "./chart_scale.ts";
import { groupDigits } from "./score_text.ts";

/** One line of a chart. */
export interface Series {
  label: string;
  values: readonly number[];
}

const WIDTH = 720;
const HEIGHT = 212;
const BOX: ChartBox = { left: 48, top: 10, width: WIDTH - 56, height: HEIGHT - 48 };
const GRID = [0, 0.5, 1];

/** Up to two lines over the same seconds; the text says what the picture shows. */
export function Chart({ title, series, seconds }: {
  title: string;
  series: readonly [Series] | readonly [Series, Series];
  /** Length of the time shown. */
  seconds: number;
}) {
  const max = niceMax(Math.max(0, ...series.flatMap(({ values }) => values)));
  const [first, second] = series;
  const now = series.map(({ label, values }) => `${label} ${groupDigits(values.at(-1) ?? 0)}`);
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title} of the last ${seconds} seconds. Now: ${now.join(", ")}.`}
      >
        {GRID.map((part) => {
          const y = BOX.top + (1 - part) * BOX.height;
          return (
            <g key={part}>
              <line class="grid" x1={BOX.left} x2={BOX.left + BOX.width} y1={y} y2={y} />
              <text x={BOX.left - 8} y={y + 4} text-anchor="end">{shortNumber(max * part)}</text>
            </g>
          );
        })}
        <path class="area" d={areaPath(first.values, max, BOX)} />
        <path class="line" d={linePath(first.values, max, BOX)} />
        {second ? <path class="line second" d={linePath(second.values, max, BOX)} /> : null}
        <text x={BOX.left} y={HEIGHT - 6}>{`${seconds} s ago`}</text>
        <text x={BOX.left + BOX.width} y={HEIGHT - 6} text-anchor="end">now</text>
      </svg>
    </figure>
  );
}

/** A small line without axes, beside its number. */
export function Spark({ values }: { values: readonly number[] }) {
  const box: ChartBox = { left: 0, top: 1, width: 100, height: 26 };
  return (
    <svg class="spark" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
      <path d={linePath(values, niceMax(Math.max(0, ...values)), box)} />
    </svg>
  );
}

function shortNumber(value: number): string {
  return value >= 1000 ? `${Math.round(value / 100) / 10}k` : String(Math.round(value * 10) / 10);
}
