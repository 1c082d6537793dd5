/** Names come from callers, so that there may be ever new ones; later ones are counted together. */
const mostSeries = 2_000;
const rest = 'other';

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`));

type Series<Value> = { labels: string; value: Value };

/** Values by labels. The values of the labels of one series are joined with a sign that no name has. */
function createSeries<Value>(names: readonly string[], make: () => Value) {
  const known = new Map<string, Series<Value>>();
  return {
    of(...values: string[]): Value {
      const key = values.join('\n');
      const found = known.get(key);
      if (found) return found.value;
      const full = known.size >= mostSeries;
      const told = full ? values.map(() => rest) : values;
      if (full) {
        const others = known.get(told.join('\n'));
        if (others) return others.value;
      }
      const labels = names.map((name, i) => `${name}="${escaped(told[i] ?? '')}"`).join(',');
      const series = { labels, value: make() };
      known.set(told.join('\n'), series);
      return series.value;
    },
    all: (): Series<Value>[] => [...known.values()],
  };
}

export type Metric = { text(): string };

const head = (name: string, help: string, type: string) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
const braced = (labels: string) => (labels === '' ? '' : `{${labels}}`);

/** Of Prometheus' text format 0.0.4; costs a look-up and an addition. */
export function createCounter(name: string, help: string, labels: readonly string[]) {
  const series = createSeries(labels, () => ({ count: 0 }));
  return {
    add(count: number, ...values: string[]): void {
      series.of(...values).count += count;
    },
    text: () =>
      head(name, help, 'counter') +
      series
        .all()
        .map(({ labels: given, value }) => `${name}${braced(given)} ${value.count}\n`)
        .join(''),
  };
}

export function createGauge(name: string, help: string, read: () => number): Metric {
  return { text: () => `${head(name, help, 'gauge')}${name} ${read()}\n` };
}

export function createHistogram(
  name: string,
  help: string,
  { labels, buckets }: { labels: readonly string[]; buckets: readonly number[] },
) {
  const series = createSeries(labels, () => ({ counts: buckets.map(() => 0), sum: 0, count: 0 }));
  return {
    observe(value: number, ...values: string[]): void {
      const one = series.of(...values);
      one.sum += value;
      one.count += 1;
      for (let i = 0; i < buckets.length; i += 1)
        if (value <= (buckets[i] ?? 0)) {
          one.counts[i] = (one.counts[i] ?? 0) + 1;
          break;
        }
    },
    text() {
      const lines = series.all().map(({ labels: given, value }) => {
        const before = given === '' ? '' : `${given},`;
        let below = 0;
        const steps = buckets.map((bound, i) => {
          below += value.counts[i] ?? 0;
          return `${name}_bucket{${before}le="${bound}"} ${below}\n`;
        });
        const end = `${name}_bucket{${before}le="+Inf"} ${value.count}\n`;
        return `${steps.join('')}${end}${name}_sum${braced(given)} ${value.sum}\n${name}_count${braced(given)} ${value.count}\n`;
      });
      return head(name, help, 'histogram') + lines.join('');
    },
  };
}
