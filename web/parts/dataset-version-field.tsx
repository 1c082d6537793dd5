import { useQuery } from '@tanstack/react-query';
import { useData } from '../data/data-context.tsx';
import { plural } from '../data/format.ts';
import { datasetQuery } from '../data/queries.ts';
import { Field } from './field.tsx';

type DatasetVersionFieldProps = {
  /** Empty: none is chosen yet. */
  dataset: string;
  /** Empty: the newest, or the draft. */
  value: string;
  onChange: (version: string) => void;
};

/** Which version of a dataset; unless said the newest, made of the draft where that was changed. */
export function DatasetVersionField({ dataset, value, onChange }: DatasetVersionFieldProps) {
  const { client } = useData();
  const detail = useQuery({ ...datasetQuery(client, dataset), enabled: dataset !== '' }).data;
  return (
    <Field label="Version">
      {(id) => (
        <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">
            {detail === undefined || detail.dataset.changed || detail.dataset.head === 0
              ? 'the draft, frozen first'
              : `newest, v${detail.dataset.head}`}
          </option>
          {detail?.versions.map(({ number, count }) => (
            <option key={number} value={number}>
              v{number} · {plural(count, 'row')}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
