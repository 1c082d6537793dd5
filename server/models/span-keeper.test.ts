import { type Span, WheelhouseError } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { createSpanKeeper } from './span-keeper.ts';

const span = { traceId: 't' } as unknown as Span;
const away = new WheelhouseError('store_unavailable', 'away');

function keeperOver(failures: unknown[]) {
  const logged: object[] = [];
  let stored = 0;
  const sink = {
    append: async () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      stored += 1;
    },
  };
  const keeper = createSpanKeeper({ sink, log: { error: (details) => void logged.push(details) }, pauseMs: 0 });
  return { keeper, logged, stored: () => stored };
}

it('stores a span of a run once the store is back', async () => {
  const { keeper, logged, stored } = keeperOver([away, away]);
  await keeper.keep(span);
  expect([stored(), logged]).toEqual([1, []]);
});

it('says what it could not store: what is refused, and what has waited for minutes', async () => {
  const refused = keeperOver([new WheelhouseError('internal', 'no')]);
  await refused.keeper.keep(span);
  expect([refused.stored(), refused.logged.length]).toEqual([0, 1]);
  const gone = keeperOver(Array.from({ length: 12 }, () => away));
  await gone.keeper.keep(span);
  expect([gone.stored(), gone.logged.length]).toEqual([0, 1]);
});

it('tries once more when the server stops', async () => {
  const { keeper, logged, stored } = keeperOver([away, away]);
  const kept = keeper.keep(span);
  keeper.close();
  await kept;
  expect([stored(), logged.length]).toEqual([0, 1]);
});
