/**
 * Counters and histograms for hot paths: who counts holds on to a series, so that counting is an
 * addition. prom-client builds and looks up a text of all labels at each call instead, which four
 * times a request costs more than the request's own checks.
 *
 * @module
 */

import type { MetricObjectWithValues, MetricValueWithName, Registry } from "prom-client";

export interface SeriesOptions<L extends string> {
  name: string;
  help: string;
  labelNames: readonly L[];
  registers: readonly Registry[];
}

type Labels<L extends string> = Record<L, string>;
type Line<L extends string> = MetricValueWithName<L>;
type Values<L extends string> = MetricObjectWithValues<Line<L>>;

/** One line of a counter. */
export interface CountSeries {
  inc(by?: number): void;
}

/** One distribution of a histogram. */
export interface ValueSeries {
  observe(value: number): void;
}

/** What both kinds share: their place in the registry, and a series for each set of labels. */
abstract class SeriesMetric<L extends string, S> {
  readonly name: string;
  readonly help: string;
  abstract readonly type: string;
  readonly #labelNames: readonly L[];
  readonly #series = new Map<string, { labels: Labels<L>; series: S }>();

  constructor({ name, help, labelNames, registers }: SeriesOptions<L>) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
    // A registry asks nothing of a metric but its name and `get()`, whatever its types say.
    for (const registry of registers) {
      registry.registerMetric(this as unknown as Parameters<Registry["registerMetric"]>[0]);
    }
  }

  protected abstract create(): S;
  protected abstract valuesOf(labels: Labels<L>, series: S): Line<L>[];

  /** The series of these labels, to hold on to. */
  series(labels: Labels<L>): S {
    const key = this.#labelNames.map((name) => JSON.stringify(labels[name])).join();
    const known = this.#series.get(key);
    if (known) return known.series;
    const series = this.create();
    this.#series.set(key, { labels: { ...labels }, series });
    return series;
  }

  /** Everything counted so far, as the registry prints it. */
  get(): Promise<Values<L>> {
    const values = [...this.#series.values()].flatMap(({ labels, series }) =>
      this.valuesOf(labels, series)
    );
    const { name, help, type } = this;
    return Promise.resolve({ name, help, type, values, aggregator: "sum" } as unknown as Values<L>);
  }

  /** Forgets every series; those that somebody holds count for nothing from now on. */
  reset(): void {
    this.#series.clear();
  }
}

class Count implements CountSeries {
  total = 0;
  inc(by = 1): void {
    this.total += by;
  }
}

/** A counter. */
export class SeriesCounter<L extends string> extends SeriesMetric<L, Count> {
  readonly type = "counter";

  /** Counts without holding on to the series. */
  inc(labels: Labels<L>, by = 1): void {
    this.series(labels).inc(by);
  }

  protected create(): Count {
    return new Count();
  }

  protected valuesOf(labels: Labels<L>, { total }: Count): Line<L>[] {
    return [{ labels, value: total }];
  }
}

class Distribution implements ValueSeries {
  readonly counts: Float64Array;
  sum = 0;
  count = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const bounds = this.#bounds;
    for (let index = 0; index < bounds.length; index++) {
      if (value > bounds[index]!) continue;
      this.counts[index]! += 1;
      return;
    }
  }
}

/** A histogram with buckets of upper bounds, inclusive, rising. */
export class SeriesHistogram<L extends string> extends SeriesMetric<L, Distribution> {
  readonly type = "histogram";
  readonly #bounds: readonly number[];

  constructor(options: SeriesOptions<L> & { buckets: readonly number[] }) {
    super(options);
    this.#bounds = options.buckets;
  }

  /** Counts without holding on to the series. */
  observe(labels: Labels<L>, value: number): void {
    this.series(labels).observe(value);
  }

  protected create(): Distribution {
    return new Distribution(this.#bounds);
  }

  protected valuesOf(labels: Labels<L>, series: Distribution): Line<L>[] {
    let below = 0;
    const line = (suffix: string, value: number, more: Record<string, string | number> = {}) =>
      ({
        metricName: `${this.name}_${suffix}`,
        labels: { ...more, ...labels },
        value,
      }) as unknown as Line<L>;
    return [
      ...this.#bounds.map((le, index) => line("bucket", below += series.counts[index]!, { le })),
      line("bucket", series.count, { le: "+Inf" }),
      line("sum", series.sum),
      line("count", series.count),
    ];
  }
}
