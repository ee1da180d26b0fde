import type { ReviewEvidence } from "@/contracts/reviews.ts";
import { areaPath, type ChartBox, linePath, niceMax } from "../chart_scale.ts";
import { speedText } from "./finding_text.ts";
import { clockText, groupDigits } from "../score_text.ts";

type Trace = NonNullable<ReviewEvidence["trace"]>;
type Finding = ReviewEvidence["findings"][number];

const WIDTH = 720;
const HEIGHT = 240;
const BOX: ChartBox = { left: 56, top: 14, width: WIDTH - 64, height: HEIGHT - 52 };
const GRID = [0, 0.5, 1];
const KMH_PER_CMS = 0.036;
/** What the limits of speed are of. */
const OVER: Partial<Record<Finding["rule"], string>> = {
  "mean_speed": "on average",
  "speed_over_minute": "over a minute",
  "speed_over_ten_minutes": "over ten minutes",
};

/** How fast a session went, without where, and the limits of speed that it passed. */
export function SpeedTrace({ trace, findings }: { trace: Trace; findings: readonly Finding[] }) {
  const speeds = trace.speeds.map((speed) => speed * KMH_PER_CMS);
  const limits = findings.filter(({ rule }) => OVER[rule] !== undefined);
  const lines = [...new Set(limits.map(({ limit }) => limit))];
  const max = niceMax(Math.max(...speeds, ...lines.map((limit) => limit * KMH_PER_CMS)));
  const y = (kmh: number) => BOX.top + (1 - kmh / max) * BOX.height;
  const seconds = trace.bucketMs / 1000 * Math.max(0, speeds.length - 1);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={traceText(trace, lines)}>
        {GRID.map((part) => (
          <g key={part}>
            <line
              class="grid"
              x1={BOX.left}
              x2={BOX.left + BOX.width}
              y1={y(max * part)}
              y2={y(max * part)}
            />
            <text x={BOX.left - 8} y={y(max * part) + 4} text-anchor="end">
              {groupDigits(max * part, max < 10 ? 1 : 0)}
            </text>
          </g>
        ))}
        <path class="area" d={areaPath(speeds, max, BOX)} />
        <path class="line" d={linePath(speeds, max, BOX)} />
        {lines.map((limit) => (
          <line
            key={limit}
            class="limit"
            x1={BOX.left}
            x2={BOX.left + BOX.width}
            y1={y(limit * KMH_PER_CMS)}
            y2={y(limit * KMH_PER_CMS)}
          />
        ))}
        <text x={BOX.left} y={HEIGHT - 8}>0:00:00</text>
        <text x={BOX.left + BOX.width} y={HEIGHT - 8} text-anchor="end">{clockText(seconds)}</text>
      </svg>
      <figcaption>
        <ul class="legend">
          <li>Speed in km/h</li>
          {limits.length > 0
            ? (
              <li class="limit">
                Limits:{" "}
                {limits.map(({ rule, limit }) => `${speedText(limit)} ${OVER[rule]}`).join(", ")}
              </li>
            )
            : null}
        </ul>
      </figcaption>
    </figure>
  );
}

/** The picture in words. */
function traceText({ peakMinute, peakTenMinutes, speeds }: Trace, limits: number[]): string {
  const parts = [`Speed over the session, up to ${speedText(Math.max(0, ...speeds))}`];
  if (peakMinute !== null) parts.push(`fastest minute ${speedText(peakMinute)}`);
  if (peakTenMinutes !== null) parts.push(`fastest ten minutes ${speedText(peakTenMinutes)}`);
  return [...parts, ...limits.map((limit) => `limit ${speedText(limit)}`)].join(", ");
}
