import type { ModelStore, MonitorStore } from '@wheelhouse/core/ports';
import { type Alert, defaultProjectId, type ModelVersion, type Monitor } from '@wheelhouse/core/records';
import { expect, test } from 'vitest';
import { vendorChanges } from './vendor-changes.ts';

const probe = (name: string, model: string) => ({ name, rule: { kind: 'probe', model } }) as unknown as Monitor;
const alert = (monitor: string, openedAt: string, kind: Alert['kind'] = 'alert') =>
  ({ monitor, openedAt, kind }) as unknown as Alert;
const version = (number: number, baseModel?: string) =>
  ({
    number,
    definition: { flavor: baseModel === undefined ? 'chain' : 'base', baseModel },
  }) as unknown as ModelVersion;
const release = { model: 'bot', incumbent: 1, candidate: 2, startedAt: '2026-01-02T00:00:00.000Z' };

test('what changed at a vendor is what probes of models that a release calls said while it ran', async () => {
  const all = [
    ...[alert('own', '2026-01-02T03:00:00.000Z'), alert('own', '2026-01-01T03:00:00.000Z')],
    ...[alert('own', '2026-01-02T04:00:00.000Z', 'no_data'), alert('other', '2026-01-02T03:00:00.000Z')],
    alert('alias', '2026-01-02T05:00:00.000Z'),
  ];
  const monitors: Pick<MonitorStore, 'list' | 'alerts'> = {
    list: async () => [
      ...[probe('own', 'openai/a'), probe('other', 'openai/z'), probe('alias', 'bot@production')],
      { name: 'drift', rule: { kind: 'drift' } } as unknown as Monitor,
    ],
    alerts: async (_, { monitor }) => all.filter((one) => one.monitor === monitor),
  };
  const of = (versions: ModelVersion[]) => {
    const models: Pick<ModelStore, 'versions'> = { versions: async () => versions };
    return vendorChanges({ monitors, models }, defaultProjectId, release);
  };
  const own = { monitor: 'own', model: 'openai/a', at: '2026-01-02T03:00:00.000Z' };
  const alias = { monitor: 'alias', model: 'bot@production', at: '2026-01-02T05:00:00.000Z' };
  expect(await of([version(1, 'openai/b'), version(2, 'openai/a'), version(3, 'openai/z')])).toEqual([own, alias]);
  expect((await of([version(1, 'openai/b'), version(2)])).map(({ monitor }) => monitor)).toEqual([
    ...['own', 'other', 'alias'],
  ]);
});
