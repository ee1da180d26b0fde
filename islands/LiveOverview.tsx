import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Badge } from "@/components/Badge.tsx";
import { Chart, Spark } from "@/components/Chart.tsx";
import { groupDigits } from "@/components/score_text.ts";
import type { Overview } from "@/contracts/admin.ts";

/** Often enough to look live, seldom enough to cost nothing. */
const POLL_MS = 2000;

type Figures = Omit<Overview, "competitions">;

/** The running figures of this node, and a chart of the last minutes. */
export default function LiveOverview({ initial }: { initial: Figures }) {
  const [figures, setFigures] = useState(initial);
  const [isStale, setStale] = useState(false);

  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      const fresh = await load();
      setStale(fresh === undefined);
      if (fresh) setFigures(fresh);
    }, POLL_MS);
    return () => clearInterval(timer);
  }, []);

  const { points } = figures;
  const of = (key: "updates" | "requests" | "errors" | "viewers") => points.map((p) => p[key]);
  const errorShare = groupDigits(figures.errorRate * 100, 1);
  return (
    <div class="stack">
      <dl class="figures">
        <Figure label="Score updates" value={perSecond(figures.updatesPerSecond)} unit="/s">
          <Spark values={of("updates")} />
        </Figure>
        <Figure label="Requests" value={perSecond(figures.requestsPerSecond)} unit="/s">
          <Spark values={of("requests")} />
        </Figure>
        <Figure label="Viewers now" value={groupDigits(figures.viewers)} unit="">
          <Spark values={of("viewers")} />
        </Figure>
        <Figure label="Failed requests" value={errorShare} unit=" %">
          <Spark values={of("errors")} />
        </Figure>
      </dl>
      <section class="card" aria-labelledby="chart-title">
        <div class="card-head">
          <h2 id="chart-title">Traffic</h2>
          <ul class="legend">
            <li>Score updates/s</li>
            <li class="second">Requests/s</li>
          </ul>
          {isStale ? <Badge tone="warn">Not updating</Badge> : null}
        </div>
        <Chart
          title="Score updates and requests a second"
          seconds={points.length}
          series={[
            { label: "Score updates", values: of("updates") },
            { label: "Requests", values: of("requests") },
          ]}
        />
      </section>
    </div>
  );
}

interface FigureProps {
  label: string;
  value: string;
  unit: string;
  children: ComponentChildren;
}

function Figure({ label, value, unit, children }: FigureProps) {
  return (
    <div class="card figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {unit ? <small>{unit}</small> : null}
      </dd>
      <dd class="figure-spark">{children}</dd>
    </div>
  );
}

function perSecond(value: number): string {
  return groupDigits(value, value < 10 && value % 1 !== 0 ? 1 : 0);
}

async function load(): Promise<Figures | undefined> {
  try {
    const res = await fetch("/api/v1/admin/overview", { credentials: "same-origin" });
    return res.ok ? (await res.json()).data as Figures : undefined;
  } catch {
    return undefined; // the server restarts; the next poll tells
  }
}
