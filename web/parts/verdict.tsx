import type { PairedResultBody } from '@wheelhouse/sdk';
import { Pill } from './pill.tsx';

const words = {
  better: { tone: 'good', text: '▲ B is better' },
  worse: { tone: 'bad', text: '▼ B is worse' },
  no_clear_difference: { tone: 'mute', text: 'No clear difference' },
  not_enough_data: { tone: 'mute', text: 'Not enough data' },
} as const;

export function VerdictPill({ result }: { result: PairedResultBody }) {
  const { tone, text } = words[result.verdict];
  return <Pill tone={tone}>{text}</Pill>;
}
