/** Geometry of the charts: from numbers to SVG path data. */

/** The box a line is drawn in, in SVG units. */
export interface ChartBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The next round number (1, 2, 2.5, 5 · 10ⁿ) at or above the value; at least 1.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { niceMax } from "@/components/chart_scale.ts";
 *
 * assertEquals([0, 3, 17, 21, 480].map(niceMax), [1, 5, 20, 25, 500]);
 * ```
 */
export function niceMax(value: number): number {
  if (!(value > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= value);
  return (step ?? 10) * power;
}

/** SVG path of a line through equally spaced values, scaled so that `max` touches the top.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linePath } from "@/components/chart_scale.ts";
 *
 * const box = { left: 0, top: 0, width: 10, height: 4 };
 * assertEquals(linePath([0, 2, 4], 4, box), "M0 4L5 2L10 0");
 * ```
 */
export function linePath(values: readonly number[], max: number, box: ChartBox): string {
  if (values.length === 0) return "";
  const step = values.length > 1 ? box.width / (values.length - 1) : 0;
  return values.map((value, i) => {
    const x = box.left + i * step;
    const y = box.top + (1 - Math.min(1, Math.max(0, value / max))) * box.height;
    return `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`;
  }).join("");
}

/** The same line closed along the bottom of the box, to be filled. */
export function areaPath(values: readonly number[], max: number, box: ChartBox): string {
  if (values.length === 0) return "";
  const bottom = round(box.top + box.height);
  const right = values.length > 1 ? box.left + box.width : box.left;
  return `${linePath(values, max, box)}L${round(right)} ${bottom}L${round(box.left)} ${bottom}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
