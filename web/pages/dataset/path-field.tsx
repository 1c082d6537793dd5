import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useData } from '../../data/data-context.tsx';
import { inferredSchemaQuery } from '../../data/dataset-queries.ts';
import { pathsOf, schemaLines } from '../../data/schema-lines.ts';
import { Field } from '../../parts/field.tsx';

type PathFieldProps = {
  label: string;
  hint?: string | undefined;
  /** Of whose rows paths are offered; empty: none yet. */
  dataset: string;
  /** Other names that it takes. */
  also?: readonly string[];
  value: string;
  onChange: (path: string) => void;
};

/** A part of a row, by its path; those that the rows have are offered. */
export function PathField({ label, hint, dataset, also = [], value, onChange }: PathFieldProps) {
  const { client } = useData();
  const list = useId();
  const schema = useQuery({ ...inferredSchemaQuery(client, dataset), enabled: dataset !== '' }).data?.schema;
  const found = (['input', 'expected', 'metadata'] as const).flatMap((part) => {
    const one = schema?.[part];
    return one ? pathsOf(schemaLines(one as Parameters<typeof schemaLines>[0], part)) : [];
  });
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <>
          <input
            id={id}
            className="field mono"
            list={list}
            autoComplete="off"
            spellCheck={false}
            required
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={list}>
            {[...also, ...found].map((path) => (
              <option key={path} value={path} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
