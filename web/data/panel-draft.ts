import { panelFields } from '@wheelhouse/core/records';
import { panelMeasureName } from '@wheelhouse/core/watch';
import type { PanelBody } from '@wheelhouse/sdk';
import type { PanelMeasure } from './panel-words.ts';

type MeasurePanel = Extract<PanelBody, { kind: 'measure' }>;
type Quantile = 'p50' | 'p90' | 'p99' | 'mean';

/** A panel as its form has it; what is not said is empty. */
export type PanelDraft = {
  /** Empty: made of what is measured. */
  title: string;
  kind: PanelBody['kind'];
  q: string;
  view: string;
  measure: PanelMeasure['kind'];
  quantile: Quantile;
  /** Of the measure `share`. */
  shareQ: string;
  /** Of the measure `score`. */
  score: string;
  /** A field, `score`, or empty. */
  by: string;
  byScore: string;
  top: string;
  shape: MeasurePanel['shape'];
  text: string;
  sql: string;
  sqlShape: 'table' | 'line';
};

const sampleSql = `SELECT model, count() AS traces, sum(cost_usd) AS usd
FROM traces
WHERE start >= {{from}} AND start < {{until}}
GROUP BY model
ORDER BY usd DESC`;

export const newPanelDraft: PanelDraft = {
  ...{ title: '', kind: 'measure', q: '', view: '', measure: 'traces', quantile: 'p90', shareQ: '', score: '' },
  ...{ by: '', byScore: '', top: '7', shape: 'line', text: '', sql: sampleSql, sqlShape: 'table' },
};

/** What a measure is in the fields of a form. */
export const measureDraft = (measure: PanelMeasure): Partial<PanelDraft> => ({
  measure: measure.kind,
  ...('quantile' in measure ? { quantile: measure.quantile } : {}),
  ...(measure.kind === 'share' ? { shareQ: measure.q } : {}),
  ...(measure.kind === 'score' ? { score: measure.name } : {}),
});

/** One that is there, to be changed. */
export function panelDraftOf(panel: PanelBody): PanelDraft {
  const { kind, title } = panel;
  if (panel.kind === 'text') return { ...newPanelDraft, kind, title, text: panel.text };
  if (panel.kind === 'sql') return { ...newPanelDraft, kind, title, sql: panel.sql, sqlShape: panel.shape };
  const { q, view, by, top, shape } = panel;
  const isScore = by?.startsWith('score.') ?? false;
  return {
    ...{ ...newPanelDraft, kind, title, q, shape, view: view ?? '', top: String(top) },
    ...measureDraft(panel.measure),
    ...(isScore ? { by: 'score', byScore: by?.slice('score.'.length) ?? '' } : { by: by ?? '' }),
  };
}

/** null while something is missing. */
function measureOfDraft({ measure, quantile, shareQ, score }: PanelDraft): PanelMeasure | null {
  if (measure === 'share') return shareQ.trim() === '' ? null : { kind: measure, q: shareQ.trim() };
  if (measure === 'score') return score.trim() === '' ? null : { kind: measure, name: score.trim() };
  return measure === 'latency' || measure === 'first_token' ? { kind: measure, quantile } : { kind: measure };
}

function groupingOf({ by, byScore }: PanelDraft): MeasurePanel['by'] | undefined {
  if (by === '') return null;
  if (by === 'score') return byScore.trim() === '' ? undefined : `score.${byScore.trim()}`;
  return panelFields.find((field) => field === by);
}

type Shown = Pick<PanelBody, 'title'> & DistributiveOmit<PanelBody, 'id' | 'width' | 'height' | 'title'>;
type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

/** What it shows, under its title; null while something is missing. */
export function panelOfDraft(draft: PanelDraft): Shown | null {
  const title = draft.title.trim();
  if (draft.kind === 'text')
    return draft.text.trim() === '' ? null : { kind: 'text', title: title || 'Text', text: draft.text };
  if (draft.kind === 'sql')
    return draft.sql.trim() === ''
      ? null
      : { kind: 'sql', title: title || 'SQL', sql: draft.sql, shape: draft.sqlShape };
  const [measure, by, top] = [measureOfDraft(draft), groupingOf(draft), Number(draft.top)];
  if (measure === null || by === undefined || !(Number.isInteger(top) && top >= 1 && top <= 20)) return null;
  const name = panelMeasureName(measure);
  const said = `${name.charAt(0).toUpperCase()}${name.slice(1)}${by === null ? '' : ` by ${by}`}`;
  const { q, shape } = draft;
  const view = draft.view === '' ? null : draft.view;
  return { kind: 'measure', title: title || said, q: q.trim(), view, measure, by, top, shape };
}
