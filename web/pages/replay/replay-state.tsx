import type { ReplayBody } from '@wheelhouse/sdk';
import { Pill } from '../../parts/pill.tsx';

const words = {
  queued: { tone: 'mute', text: '… waiting' },
  running: { tone: 'accent', text: '● running' },
  completed: { tone: 'good', text: '✓ done' },
  stopped: { tone: 'warn', text: '■ stopped' },
  failed: { tone: 'bad', text: '✕ failed' },
} as const;

/** How far it is, as one mark. */
export function ReplayState({ replay: { status, done, total } }: { replay: ReplayBody }) {
  const { tone, text } = words[status];
  const share = total === 0 ? 0 : Math.floor((done / total) * 100);
  return <Pill tone={tone}>{status === 'running' ? `${text}, ${share} %` : text}</Pill>;
}
