import { attentionSchemas } from '@wheelhouse/core/contract';
import type { AttentionReads } from '@wheelhouse/core/ports';
import { type Actor, defaultProjectId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createAttentionHandlers } from './attention-handlers.ts';

const by: Actor = { project: defaultProjectId, actor: 'test' };
const nowNs = BigInt(Date.UTC(2026, 10, 20, 12, 0, 30)) * 1_000_000n;
const fails = (now: number, before: number) => ({
  now: { count: 100, errors: now },
  before: { count: 100, errors: before },
});

const warnings: object[] = [];

function setUp(reads: Partial<AttentionReads>) {
  const handlers = createAttentionHandlers({
    reads: { failures: async () => ({ traces: 0, groups: [] }), calls: async () => [], ...reads },
    clock: { now: () => nowNs },
    log: { warn: (details) => void warnings.push(details) },
    ledger: async () => ({ since: '', partial: false, sources: [], deadLetters: { kept: 2, bytes: 9, dropped: 0 } }),
    usage: async () => ({
      budgets: [],
      limits: [],
      cache: { hits: 0, semanticHits: 0, misses: 0, entries: 0, bytes: 0 },
    }),
    targets: async () => ({ running: 0, routes: [], data: [] }),
    keys: async () => [],
    alerts: async () => [],
    releases: async () => [],
    issues: async () => [],
    abuse: async () => [],
    pipelineRuns: async () => [],
    names: async () => new Map(),
  });
  return handlers.getAttention({ by, params: {}, query: { last: '1h' }, body: undefined });
}

describe('the list of what needs attention', () => {
  it('says the same traces once, and has the most severe first, with an address for each', async () => {
    const asked: unknown[] = [];
    const answer = await setUp({
      async failures(project, ask) {
        asked.push({ project, ...ask });
        return {
          traces: 300,
          groups: [
            { field: 'name', value: 'chat', ...fails(40, 2) },
            { field: 'tool', value: 'search "it"', ...fails(30, 1) },
            { field: 'model', value: 'openai/gpt-4o', ...fails(40, 2) },
            { field: 'model', value: 'calm', ...fails(2, 2) },
          ],
        };
      },
    });
    expect(attentionSchemas.attention.parse(answer)).toEqual(answer);
    const fromNs = BigInt(Date.UTC(2026, 10, 20, 11, 1)) * 1_000_000n;
    expect(asked).toEqual([{ project: defaultProjectId, fromNs, untilNs: fromNs + 3_600_000_000_000n, least: 20 }]);
    expect(answer.rows.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'failures: Traces that call openai/gpt-4o fail more often: 40 % of 100, before 2 % of 100.',
      'failures: Traces that use the tool search "it" fail more often: 30 % of 100, before 1 % of 100.',
      'dead_letters: 2 refused requests wait to be repaired and sent again.',
    ]);
    const [first, second] = answer.rows.map(({ href }) => new URL(href, 'http://x').searchParams.get('q'));
    const time = 'since:2026-11-20T11:01:00Z until:2026-11-20T12:01:00Z';
    expect(first).toBe(`model:openai/gpt-4o status:error ${time}`);
    expect(second).toBe(`tool:"search \\"it\\"" status:error ${time}`);
    expect(answer.looked).toContain('300 traces (failures by 2 models, 1 tool and 1 name)');
    expect(answer.unread).toEqual([]);
  });

  it('names what could not be read, and says the rest', async () => {
    const answer = await setUp({
      failures: async () => {
        throw new Error('away');
      },
    });
    expect(answer.unread).toEqual(['failures of traces']);
    expect(warnings).toMatchObject([{ what: 'failures of traces', err: { message: 'away' } }]);
    expect(answer.rows.map(({ kind }) => kind)).toEqual(['dead_letters']);
    expect(answer.looked).not.toContain('0 traces (too few to compare)');
  });

  it('shows twenty rows and says how many more there are', async () => {
    const groups = Array.from({ length: 30 }, (_, i) => ({
      ...{ field: 'name' as const, value: `n${i}` },
      ...fails(40 + i, 2),
    }));
    const answer = await setUp({ failures: async () => ({ traces: 3000, groups }) });
    expect(answer.rows).toHaveLength(20);
    expect(answer.more).toBe(11);
    expect(answer.rows[0]?.text).toContain('n29');
  });
});
