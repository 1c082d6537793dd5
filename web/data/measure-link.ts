import { monitorGroupings } from '@wheelhouse/core/records';
import type { MonitorBody, PanelBody } from '@wheelhouse/sdk';
import type { MonitorDraft } from './monitor-draft.ts';
import { measureDraft, newPanelDraft, type PanelDraft } from './panel-draft.ts';
import type { PanelMeasure } from './panel-words.ts';

type MonitorMeasure = MonitorBody['measure'];

const quantiles = ['p50', 'p90', 'p99'] as const;

/** What a monitor can measure of that; null: nothing. */
function monitorMeasureOf(measure: PanelMeasure): MonitorMeasure | null {
  switch (measure.kind) {
    case 'tokens':
    case 'users':
    case 'trace_cost':
      return null;
    case 'latency':
    case 'first_token': {
      const quantile = quantiles.find((one) => one === measure.quantile);
      return quantile === undefined ? null : { kind: measure.kind, quantile };
    }
    default:
      return measure;
  }
}

/** As addresses write a measure: `latency:p90`, `score:tone`, `share:latency>2s`. */
const textOf = (measure: MonitorMeasure): string => {
  if ('quantile' in measure) return `${measure.kind}:${measure.quantile}`;
  if (measure.kind === 'share') return `share:${measure.q}`;
  return measure.kind === 'score' ? `score:${measure.name}` : measure.kind;
};

type MonitorLink = { q?: string; of: string; by?: string };

/** Where a monitor of the same begins; null: no monitor measures that, or it is of a saved view. */
export function monitorLink(panel: PanelBody): MonitorLink | null {
  if (panel.kind !== 'measure' || panel.view !== null) return null;
  const measure = monitorMeasureOf(panel.measure);
  const by = monitorGroupings.find((one) => one === panel.by);
  return (
    measure && { of: textOf(measure), ...(panel.q === '' ? {} : { q: panel.q }), ...(by === undefined ? {} : { by }) }
  );
}

const plain = ['traces', 'cost', 'error_rate', 'input_tokens', 'output_tokens'] as const;

type LinkSearch = { of?: string | undefined; by?: string | undefined };

/** What an address says of a measure, in the fields of a monitor's form. */
export function monitorDraftOfLink({ of, by }: LinkSearch): Partial<MonitorDraft> {
  const grouping = monitorGroupings.find((one) => one === by);
  return { ...measureOfLink(of), ...(grouping === undefined ? {} : { by: grouping }) };
}

function measureOfLink(of: string | undefined): Partial<MonitorDraft> {
  const [, kind = '', rest = ''] = /^([a-z_]+)(?::(.*))?$/s.exec(of ?? '') ?? [];
  const bare = plain.find((one) => one === kind);
  if (bare) return { measure: bare };
  if (kind === 'share') return { measure: kind, shareQ: rest };
  if (kind === 'score') return { measure: kind, score: rest };
  const quantile = quantiles.find((one) => one === rest);
  return (kind === 'latency' || kind === 'first_token') && quantile ? { measure: kind, quantile } : {};
}

/** A panel of what a monitor watches; null: it measures what no panel does. */
export function panelDraftOfMonitor({ q, measure, by, name }: MonitorBody): PanelDraft | null {
  switch (measure.kind) {
    case 'traces':
    case 'cost':
    case 'error_rate':
    case 'share':
    case 'latency':
    case 'first_token':
    case 'input_tokens':
    case 'output_tokens':
    case 'score':
      return { ...newPanelDraft, ...measureDraft(measure), q, by: by ?? '', title: name };
    default:
      return null;
  }
}
