import { Counter, Gauge, type Registry } from 'prom-client';
import type { Ledger } from './ingest/index.ts';

/** What became of the spans of all projects, as numbers of this server: received = stored + rejected + waiting. */
export function meterSpans(registry: Registry, ledger: Pick<Ledger, 'totals'>): void {
  const spans = new Counter({
    name: 'wheelhouse_ingest_spans_total',
    help: 'Spans, by the door they came through and what became of them.',
    labelNames: ['source', 'outcome'],
    registers: [registry],
    collect() {
      spans.reset();
      for (const { source, received, stored, rejected } of ledger.totals())
        for (const [outcome, count] of Object.entries({ received, stored, rejected }))
          spans.inc({ source, outcome }, count);
    },
  });
  const waiting = new Gauge({
    name: 'wheelhouse_ingest_spans_waiting',
    help: 'Spans in memory or on disk that are not stored yet.',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      for (const { source, waiting: count } of ledger.totals()) waiting.set({ source }, count);
    },
  });
}
