import { type MonitorBody, monitorSchemas } from '@wheelhouse/core/contract';
import { expect, it } from 'vitest';
import { draftOf, type MonitorDraft, monitorBody, newMonitorDraft } from './monitor-draft.ts';

const draft = (more: Partial<MonitorDraft>): MonitorDraft => ({ ...newMonitorDraft, name: 'one', ...more });
const look: MonitorBody['look'] = {
  ...{ status: 'ok', since: '', until: null, value: null, expected: null, rows: 0, sentence: '', problem: null },
};

const drafts: Partial<MonitorDraft>[] = [
  {},
  { measure: 'latency', quantile: 'p99', rule: 'above', limit: '2.5', windowMinutes: '15', q: 'model:bot' },
  { measure: 'share', shareQ: 'score.grounded<0.5', rule: 'burn_rate', objective: '99.9' },
  { measure: 'score', score: 'grounded', rule: 'below', limit: '0.7', channels: ['ops'], alertOnNoData: true },
  { measure: 'error_rate', rule: 'above', limit: '7' },
  { rule: 'drift', measure: 'traces', windowMinutes: '1440', against: 'filter', againstQ: 'release:1' },
  { rule: 'probe', model: 'sim/echo', prompts: 'Say hello.\nTwo\\nlines, \\\\ and all', windowMinutes: '360' },
  { rule: 'drift', windowMinutes: '1440', embed: 'openai/text-embedding-3-small', budgetUsd: '0.5' },
  { measure: 'budget', budget: 'bud_1', rule: 'above', limit: '80' },
  { measure: 'month_spend', by: 'model', rule: 'above', limit: '250' },
  { measure: 'error_rate', by: 'user', rule: 'above', limit: '5' },
  { rule: 'unusual', direction: 'up', measure: 'cost', windowMinutes: '180', leastRows: '5' },
];

it('makes bodies that the API takes, and is the same form again of what it made', () => {
  for (const one of drafts) {
    const body = monitorBody(draft(one));
    const parsed = monitorSchemas.monitorDefinition.safeParse(body);
    expect(parsed.error, JSON.stringify(one)).toBeUndefined();
    if (!parsed.success) continue;
    const known = {
      ...{
        look,
        probe: null,
        spent: null,
        groups: [],
        alertId: null,
        silencedUntil: null,
        createdBy: '',
        createdAt: '',
      },
      name: 'one',
    };
    expect(monitorBody(draftOf({ ...known, ...parsed.data })), JSON.stringify(one)).toEqual(body);
  }
});

it('says limits in the unit of what is measured', () => {
  const ruleOf = (more: Partial<MonitorDraft>) => monitorBody(draft({ rule: 'above', ...more }))?.rule;
  expect(ruleOf({ measure: 'latency', limit: '2.5' })).toEqual({ kind: 'above', value: 2500 });
  expect(ruleOf({ measure: 'error_rate', limit: '7' })).toEqual({ kind: 'above', value: 0.07 });
  expect(ruleOf({ measure: 'cost', limit: '10' })).toEqual({ kind: 'above', value: 10 });
});

it('is no body while something is missing or impossible', () => {
  const wrong: Partial<MonitorDraft>[] = [
    ...[{ rule: 'above' as const }, { rule: 'below' as const, limit: 'x' }, { measure: 'score' as const }],
    ...[{ measure: 'share' as const }, { rule: 'burn_rate' as const, objective: '100' }, { leastRows: '0' }],
    ...[
      { rule: 'drift' as const, against: 'filter' as const },
      { rule: 'probe' as const, model: 'sim/echo' },
      { rule: 'probe' as const, model: 'sim/echo', prompts: 'Oslo?', budgetUsd: '0' },
      { rule: 'drift' as const, embed: 'openai/e', budgetUsd: '' },
      { measure: 'budget' as const, rule: 'above' as const, limit: '80' },
    ],
  ];
  for (const one of wrong) expect(monitorBody(draft(one)), JSON.stringify(one)).toBeNull();
});

it('falls back to an hour where the rule takes no window as short', () => {
  expect(monitorBody(draft({ rule: 'unusual', windowMinutes: '5' }))?.windowMinutes).toBe(60);
  expect(monitorBody(draft({ rule: 'above', limit: '1', windowMinutes: '5' }))?.windowMinutes).toBe(5);
});
