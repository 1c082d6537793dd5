import type { ReactNode } from 'react';

type Tone = 'good' | 'bad' | 'warn' | 'mute' | 'accent';

const tones: Record<Tone, string> = {
  good: 'bg-good-bg text-good',
  bad: 'bg-bad-bg text-bad',
  warn: 'bg-warn-bg text-warn',
  mute: 'bg-sunken text-text-2',
  accent: 'bg-accent-bg text-accent',
};

export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`pill ${tones[tone]}`}>{children}</span>;
}
