import type { FilterProblem } from '@wheelhouse/core/query';
import type { OverviewSearch } from '../../data/overview-search.ts';
import { withCondition, withoutTime } from '../traces/edit-filter.ts';
import { problemOf } from '../traces/filter-box.tsx';

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;

/** As printed, so that it can be compared with the same without its time. */
const withoutTimeless = (q: string) => withCondition(q, { type: 'all', of: [] });

type Asked = {
  q: string;
  problem: FilterProblem | null;
  asked: string /** The filter says another time. */;
  ownTime: boolean;
};

/** What a page asks for: the filter, and the time unless the filter says another. */
export function askedOf(search: Pick<OverviewSearch, 'q' | 'range'>): Asked {
  const q = search.q ?? '';
  const problem = problemOf(q, null);
  const hours = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 }[search.range ?? '24h'];
  const ownTime = problem === null && withoutTime(q) !== withoutTimeless(q);
  const asked = problem || ownTime ? q : withCondition(q, { type: 'last', ns: ns(hours * 3_600_000) });
  return { q, problem, asked, ownTime };
}
