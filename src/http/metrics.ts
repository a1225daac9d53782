import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { hostSamplesOf, type HostSample } from './host-series.ts';
import { detectionMetric, hostMetrics } from './metric-table.ts';
import type { MetricsInput } from './source.ts';
import { capUnits } from './unit-cap.ts';
import { hasSeries, renderUnitSeries } from './unit-series.ts';

export interface Metrics {
  readonly contentType: string;
  /** The exposition text: what `input` says now, and what was observed since the start. */
  text(input: MetricsInput): Promise<string>;
  observeDetection(seconds: number): void;
}

const defaultUnitCap = 1000;
const detectionBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The only file that knows prom-client. `unitCap`: how many units have series. */
export function createMetrics(options: { readonly unitCap?: number } = {}): Metrics {
  const { unitCap = defaultUnitCap } = options;
  const registry = new Registry();
  const setters = hostMetrics.map((row) => ({
    set: setter(row, registry),
    samplesOf: hostSamplesOf[row.name],
  }));
  const detection = new Histogram({ ...detectionMetric, buckets: detectionBuckets, registers: [registry] });
  let cutNow: ReadonlySet<string> = new Set();
  let cutTotal = 0;
  return {
    contentType: registry.contentType,
    text: async (input) => {
      const { kept, cut } = capUnits(input.units.filter(hasSeries), unitCap);
      cutTotal += cut.filter(({ unit }) => !cutNow.has(unit)).length;
      cutNow = new Set(cut.map(({ unit }) => unit));
      const counted = { ...input, unitsCut: (input.unitsCut ?? 0) + cutTotal };
      for (const { set, samplesOf } of setters) set(samplesOf(counted));
      return `${renderUnitSeries(kept)}\n${await registry.metrics()}`;
    },
    observeDetection: (seconds) => {
      if (Number.isFinite(seconds)) detection.observe(Math.max(seconds, 0));
    },
  };
}

function setter(
  row: (typeof hostMetrics)[number],
  registry: Registry,
): (samples: readonly HostSample[]) => void {
  const { name, help, labels } = row;
  const config = { name, help, labelNames: labels, registers: [registry] };
  if (row.type === 'gauge') {
    const gauge = new Gauge(config);
    return (samples) => {
      gauge.reset();
      for (const sample of samples) gauge.set(sample.labels, sample.value);
    };
  }
  // A counter whose count is kept elsewhere: prom-client can only add.
  const counter = new Counter(config);
  return (samples) => {
    counter.reset();
    for (const sample of samples) counter.inc(sample.labels, sample.value);
  };
}
