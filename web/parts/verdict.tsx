import type { Finding } from '../data/measures.ts';
import { Pill } from './pill.tsx';

const looks = {
  better: { tone: 'good', glyph: '▲' },
  worse: { tone: 'bad', glyph: '▼' },
} as const;

/** What better and worse are called; of scores just that. */
const words: Record<string, { better: string; worse: string }> = {
  latency: { better: 'faster', worse: 'slower' },
  cost: { better: 'cheaper', worse: 'more expensive' },
  errors: { better: 'more reliable', worse: 'less reliable' },
};

/** @param subject who it is said of; empty where that is seen beside it */
export function VerdictPill({
  result,
  subject = 'B is ',
}: {
  result: Pick<Finding, 'measure' | 'verdict'>;
  subject?: 'B is ' | '';
}) {
  const { measure, verdict } = result;
  if (verdict === 'no_clear_difference') return <Pill tone="mute">No clear difference</Pill>;
  if (verdict === 'not_enough_data') return <Pill tone="mute">Not enough data</Pill>;
  const { tone, glyph } = looks[verdict];
  return (
    <Pill tone={tone}>
      {glyph} {subject}
      {words[measure]?.[verdict] ?? verdict}
    </Pill>
  );
}
