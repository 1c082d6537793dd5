import type { RequestBody } from '@wheelhouse/sdk';
import type { ReviewField } from '../../data/review-queries.ts';

export type FieldDraft = {
  /** Of the form, so that a field that moves keeps what was typed. */
  key: number;
  kind: ReviewField['kind'];
  name: string;
  label: string;
  required: boolean;
  /** Of a choice: a line an option, with what it is worth behind `=`. */
  options: string;
  low: string;
  high: string;
};

export type QueueDraft = {
  name: string;
  instructions: string;
  fields: FieldDraft[];
  overlap: string;
  blind: boolean;
};

let made = 0;

export const newField = (kind: ReviewField['kind'], more: Partial<FieldDraft> = {}): FieldDraft => ({
  ...{ key: ++made, kind, name: '', label: '', required: true, options: 'good = 1\nfair = 0.5\nbad = 0' },
  ...{ low: '1', high: '5', ...more },
});

/** What most queues ask. */
export const presets: { title: string; fields: () => FieldDraft[] }[] = [
  {
    title: 'Good or bad',
    fields: () => [
      newField('boolean', { name: 'good', label: 'Is the answer good?' }),
      newField('correction', { name: 'better', label: 'What should it have said?', required: false }),
    ],
  },
  {
    title: 'Choices',
    fields: () => [
      newField('choice', { name: 'verdict', label: 'How good is it?' }),
      newField('text', { name: 'why', label: 'Why?', required: false }),
    ],
  },
  { title: 'From 1 to 5', fields: () => [newField('number', { name: 'quality', label: 'How good, from 1 to 5?' })] },
  {
    title: 'Which of two',
    fields: () => [newField('preference', { name: 'better', label: 'Which answer is better?' })],
  },
];

export const newQueue = (): QueueDraft => ({
  ...{ name: '', instructions: '', fields: presets[0]?.fields() ?? [], overlap: '1', blind: true },
});

/** `fair = 0.5` */
function optionOf(line: string): { value: string; points: number | null } {
  const [, value, points] = /^(.*\S)\s*=\s*(\d(?:\.\d+)?)$/.exec(line) ?? [];
  return value === undefined ? { value: line, points: null } : { value, points: Number(points) };
}

type Field = RequestBody<'createReviewQueue'>['form'][number];

function fieldOf({ kind, name, label, required, options, low, high }: FieldDraft): Field {
  const asked = { name: name.trim(), label: label.trim(), required };
  switch (kind) {
    case 'choice': {
      const lines = options.split('\n').map((line) => line.trim());
      return { ...asked, kind, options: lines.filter((line) => line !== '').map(optionOf) };
    }
    case 'number':
      return { ...asked, kind, low: Number(low), high: Number(high) };
    default:
      return { ...asked, kind };
  }
}

export const bodyOf = ({
  name,
  instructions,
  fields,
  overlap,
  blind,
}: QueueDraft): RequestBody<'createReviewQueue'> => ({
  ...{ name: name.trim(), instructions: instructions.trim(), form: fields.map(fieldOf) },
  ...{ overlap: Number(overlap), blind },
});
