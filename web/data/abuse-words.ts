import type { AbusePolicyBody } from '@wheelhouse/sdk';
import { count } from './format.ts';

export type AbuseKind = keyof AbusePolicyBody['policy']['highest'];

export const kindWords: Record<AbuseKind, string> = {
  injection: 'tries to override the instructions',
  extraction: 'asks for the instructions',
  probing: 'asks for data of others',
  scraping: 'fills in one form',
  farming: 'spends far beyond others',
};

export const rungLooks = {
  log: { tone: 'warn', glyph: '●', text: 'listed' },
  throttle: { tone: 'bad', glyph: '▼', text: 'throttled' },
  challenge: { tone: 'bad', glyph: '◆', text: 'challenged' },
  block: { tone: 'bad', glyph: '■', text: 'blocked' },
} as const;

/** Two digits are all that such a number is good for. */
export function oneInText(oneIn: number): string {
  if (oneIn < 1.5) return 'most';
  if (oneIn > 1e9) return '1 in a billion or more';
  const whole = Math.round(oneIn);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(whole)) - 1);
  return `1 in ${count(Math.round(whole / unit) * unit)}`;
}
