import { dashboardSchemas, type PanelBody } from '@wheelhouse/core/contract';
import { expect, it } from 'vitest';
import { monitorDraftOfLink, monitorLink } from './measure-link.ts';
import { monitorBody, newMonitorDraft } from './monitor-draft.ts';
import { newPanelDraft, type PanelDraft, panelDraftOf, panelOfDraft } from './panel-draft.ts';
import { panelMeasures } from './panel-words.ts';

const draft = (more: Partial<PanelDraft>): PanelDraft => ({ ...newPanelDraft, title: 'One', ...more });
const place = { id: 'p1', width: 6, height: 2 } as const;
const read = (more: Partial<PanelDraft>): PanelBody =>
  dashboardSchemas.panel.parse({ ...place, ...panelOfDraft(draft(more)) });

const drafts: Partial<PanelDraft>[] = [
  ...panelMeasures.map(({ kind }) => ({ measure: kind, shareQ: 'tag:a', score: 'good' })),
  { measure: 'latency', quantile: 'mean', by: 'model', top: '3', shape: 'bars', q: 'environment:production' },
  { by: 'score', byScore: 'tone', shape: 'table', view: 'Failing' },
  { kind: 'text', text: '# Why' },
  { kind: 'sql', sql: 'SELECT 1', sqlShape: 'line' },
];

it('every draft that is whole is a panel, and a draft again as it was', () => {
  for (const one of drafts) {
    const panel = read(one);
    expect(panelOfDraft(panelDraftOf(panel)), JSON.stringify(one)).toEqual(panelOfDraft(draft(one)));
  }
});

it('what is missing something is none yet', () => {
  const wrong: Partial<PanelDraft>[] = [
    ...[{ measure: 'share' as const }, { measure: 'score' as const, score: ' ' }, { by: 'score' }],
    ...[
      { by: 'model', top: '0' },
      { by: 'model', top: '' },
      { kind: 'text' as const },
      { kind: 'sql' as const, sql: ' ' },
    ],
  ];
  for (const one of wrong) expect(panelOfDraft(draft(one)), JSON.stringify(one)).toBeNull();
});

it('a panel without a title has that of what it measures', () => {
  expect(panelOfDraft(draft({ title: '', measure: 'error_rate', by: 'model' }))?.title).toBe('Failing share by model');
});

it('a monitor begins with what a panel measures, where a monitor measures that', () => {
  const linkOf = (more: Partial<PanelDraft>) => monitorLink(read(more));
  for (const one of [
    { measure: 'share' as const, shareQ: 'latency>2s' },
    { measure: 'score' as const, score: 'a:b' },
    { measure: 'first_token' as const, quantile: 'p50' as const },
    { measure: 'cost' as const, q: 'tag:a', by: 'model' },
  ]) {
    const link = linkOf(one);
    const monitor = monitorBody({
      ...{ ...newMonitorDraft, name: 'one', rule: 'above', limit: '1', ...monitorDraftOfLink(link ?? {}) },
      q: link?.q ?? '',
    });
    const panel = read(one);
    expect(monitor?.measure).toEqual(panel.kind === 'measure' && panel.measure);
    expect(monitor?.q).toBe(panel.kind === 'measure' && panel.q);
    expect(monitor?.by ?? null).toBe(panel.kind === 'measure' && panel.by);
  }
  for (const one of [{ measure: 'users' as const }, { measure: 'latency' as const, quantile: 'mean' as const }])
    expect(linkOf(one)).toBeNull();
  expect(linkOf({ view: 'Failing' })).toBeNull();
  expect(linkOf({ kind: 'text', text: 'x' })).toBeNull();
});
