import { parseFilter, printFilter } from '@wheelhouse/core/query';
import { describe, expect, it } from 'vitest';
import { selectionBefore } from './selection-before.ts';

const nowNs = BigInt(Date.UTC(2026, 10, 20, 12)) * 1_000_000n;
function before(q: string): string | null {
  const parsed = parseFilter(q);
  if (!parsed.ok) throw new Error(q);
  const found = selectionBefore({ filter: parsed.filter, nowNs });
  return found && printFilter(found.filter);
}

describe('the time before', () => {
  it.each([
    ['last:24h', 'since:2026-11-18T12:00:00Z until:2026-11-19T12:00:00Z'],
    ['model:gpt* last:1h', 'model:gpt* since:2026-11-20T10:00:00Z until:2026-11-20T11:00:00Z'],
    ['since:2026-11-20T09:10:00Z until:2026-11-20T09:40:00Z', 'since:2026-11-20T08:40:00Z until:2026-11-20T09:10:00Z'],
    ['since:2026-11-20T10:00 last:1h', 'since:2026-11-20T10:00:00Z until:2026-11-20T11:00:00Z'],
  ])('of %s is %s', (q, expected) => {
    expect(before(q)).toBe(expected);
  });

  it.each(['', 'status:error', 'until:2026-11-20', 'since:2027-01-01', 'last:1h or model:a', '-last:1h last:24h'])(
    'of %s is none',
    (q) => expect(before(q)).toBeNull(),
  );
});
