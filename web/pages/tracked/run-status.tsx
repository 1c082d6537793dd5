import type { TrackedRunBody } from '@wheelhouse/sdk';
import { Pill } from '../../parts/pill.tsx';

const looks = {
  RUNNING: { tone: 'accent', text: '… running' },
  SCHEDULED: { tone: 'mute', text: '○ scheduled' },
  FINISHED: { tone: 'good', text: '✓ finished' },
  FAILED: { tone: 'bad', text: '✕ failed' },
  KILLED: { tone: 'warn', text: '■ killed' },
} as const;

export function RunStatus({ status }: Pick<TrackedRunBody, 'status'>) {
  const { tone, text } = looks[status];
  return <Pill tone={tone}>{text}</Pill>;
}
