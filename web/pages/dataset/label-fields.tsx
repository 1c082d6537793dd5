import type { ExampleBody } from '@wheelhouse/sdk';
import { Field } from '../../parts/field.tsx';

/** What is said of an example beside its content, as it is typed. */
export type LabelTexts = { tags: string; split: string; weight: string };

export const labelTexts = (example: ExampleBody | null): LabelTexts => ({
  tags: example?.tags.join(', ') ?? '',
  split: example?.split ?? '',
  weight: String(example?.weight ?? 1),
});

/** Tags with commas between them. */
export const tagsOf = (text: string): string[] =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');

/** As the API takes it; a new row without a split gets that of the dataset's rule. */
export const labelsOf = ({ tags, split, weight }: LabelTexts, isNew: boolean) => ({
  tags: tagsOf(tags),
  ...(isNew && split.trim() === '' ? {} : { split: split.trim() || null }),
  weight: Number(weight),
});

type LabelFieldsProps = { texts: LabelTexts; isNew: boolean; onChange: (texts: LabelTexts) => void };

export function LabelFields({ texts, isNew, onChange }: LabelFieldsProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-[2fr_1fr_1fr]">
      <Field label="Tags" hint="With commas between them.">
        {(id) => (
          <input
            id={id}
            className="field"
            value={texts.tags}
            onChange={(event) => onChange({ ...texts, tags: event.target.value })}
          />
        )}
      </Field>
      <Field label="Split" hint={isNew ? 'Empty: by the rule of the dataset.' : undefined}>
        {(id) => (
          <input
            id={id}
            className="field"
            value={texts.split}
            onChange={(event) => onChange({ ...texts, split: event.target.value })}
          />
        )}
      </Field>
      <Field label="Weight">
        {(id) => (
          <input
            id={id}
            type="number"
            min={0}
            step="any"
            required
            className="field"
            value={texts.weight}
            onChange={(event) => onChange({ ...texts, weight: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
