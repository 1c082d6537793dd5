import type { RequestBody } from '@wheelhouse/sdk';
import { UsageError } from './output/exit-codes.ts';

type Field = RequestBody<'createReviewQueue'>['form'][number];

function optionOf(text: string): { value: string; points: number | null } {
  const [, value = text, points] = /^(.+)=(\d(?:\.\d+)?)$/.exec(text) ?? [];
  return { value, points: points === undefined ? null : Number(points) };
}

/** A field in short: `good:boolean`, `tone:1-5`, `verdict:good=1|bad=0`, `why?:text`, `better?:correction`, `which:preference`. */
export function parseField(text: string): Field {
  const [, name, optional, kind] = /^([a-z]\w*)(\?)?:(.+)$/.exec(text) ?? [];
  const wrong = new UsageError(
    `\`${text}\` is no field.`,
    'For example good:boolean, tone:1-5, verdict:good=1|fair=0.5|bad=0, why?:text, better?:correction or which:preference.',
  );
  if (name === undefined || kind === undefined) throw wrong;
  const common = { name, required: optional === undefined };
  if (kind === 'boolean' || kind === 'text' || kind === 'correction' || kind === 'preference')
    return { ...common, kind };
  const [, low, high] = /^(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)$/.exec(kind) ?? [];
  if (low !== undefined) return { ...common, kind: 'number', low: Number(low), high: Number(high) };
  if (kind.includes('|')) return { ...common, kind: 'choice', options: kind.split('|').map(optionOf) };
  throw wrong;
}
