import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Json } from '@wheelhouse/core/records';
import { importRows } from '@wheelhouse/sdk';
import { useState } from 'react';
import { asText, sizeText } from '../../data/format.ts';
import {
  type Format,
  fieldsOf,
  firstRecords,
  formatOf,
  formats,
  previewOf,
  queryOf,
  type Role,
  type Roles,
  roles,
} from '../../data/import-preview.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { RunningJob } from './job-line.tsx';

const names: Record<Role, string> = {
  ...{ input: 'Input', expected: 'Expected', metadata: 'Metadata', tags: 'Tags', split: 'Split', weight: 'Weight' },
};

/** The first value of a field, so that its name says what is in it. */
function sampleOf(records: Json[], field: string): string {
  for (const record of records) {
    const value = typeof record === 'object' && record !== null ? (record as Record<string, Json>)[field] : undefined;
    if (value !== undefined && value !== null && value !== '') return asText(value).slice(0, 80);
  }
  return '';
}

type MappingProps = { records: Json[]; given: Roles; onChange: (given: Roles) => void };

/** Which field is what, and what the first rows become by that. */
function Mapping({ records, given, onChange }: MappingProps) {
  const fields = fieldsOf(records);
  return (
    <>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-medium">Fields</legend>
        {fields.map((field) => (
          <label key={field} className="grid grid-cols-[minmax(0,1fr)_128px] items-center gap-2">
            <span className="min-w-0 truncate">
              <span className="mono">{field}</span>{' '}
              <span className="text-sm text-text-3">{sampleOf(records, field)}</span>
            </span>
            <select
              className="field"
              value={given[field] ?? ''}
              onChange={(event) => {
                const { [field]: _, ...rest } = given;
                const role = roles.find((one) => one === event.target.value);
                onChange(role === undefined ? rest : { ...rest, [field]: role });
              }}
            >
              <option value="">–</option>
              {roles.map((role) => (
                <option key={role} value={role}>
                  {names[role]}
                </option>
              ))}
            </select>
          </label>
        ))}
        <p className="text-sm text-text-3">
          {Object.values(given).includes('input')
            ? 'Fields without a role are left out; several inputs make an object.'
            : 'Nothing is the input: rows are known by their shape.'}
        </p>
      </fieldset>
      <section aria-label="What the first rows become">
        <h3 className="text-sm font-medium">What the first rows become</h3>
        <ul className="divide-y divide-line rounded-2 border border-line">
          {previewOf(records, given).map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the first rows of a file stay where they are.
            <li key={i} className="grid gap-x-3 px-3 py-1 sm:grid-cols-2">
              {row.error === null ? (
                <>
                  <span className="said line-clamp-2">{asText(row.input)}</span>
                  <span className="said line-clamp-2 text-text-2">{asText(row.expected) || 'nothing expected'}</span>
                </>
              ) : (
                <span className="text-bad">✕ {row.error}</span>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** Fields by their names alone, of a file that only the server reads. */
function NamedFields({ onChange }: { onChange: (given: Roles) => void }) {
  const [texts, setTexts] = useState<Partial<Record<Role, string>>>({});
  const change = (role: Role, text: string) => {
    const next = { ...texts, [role]: text };
    setTexts(next);
    const pairs = roles.flatMap((one) =>
      (next[one] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name): [string, Role] => [name, one]),
    );
    onChange(Object.fromEntries(pairs));
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">Fields, by name</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {roles.map((role) => (
          <Field key={role} label={names[role]}>
            {(id) => (
              <input
                id={id}
                className="field mono"
                value={texts[role] ?? ''}
                onChange={(event) => change(role, event.target.value)}
              />
            )}
          </Field>
        ))}
      </div>
      <p className="text-sm text-text-3">
        Left empty, rows are known by their shape. Several: with commas between them.
      </p>
    </fieldset>
  );
}

function usePicked() {
  const [file, setFile] = useState<File | null>(null);
  const [chosen, setFormat] = useState<Format | null>(null);
  const format = chosen ?? (file === null ? 'jsonl' : formatOf(file.name));
  const head = useQuery({
    queryKey: ['import-head', file?.name, file?.size, file?.lastModified, format],
    queryFn: () => (file === null ? [] : firstRecords(file, format)),
    enabled: file !== null,
    retry: false,
  });
  const pick = (next: File | null) => {
    setFile(next);
    setFormat(null);
  };
  return { file, format, head, pick, setFormat };
}

/** Takes a file of rows: which field is what, what the first rows become, and how far it is. */
export function ImportForm({ dataset, onClose }: { dataset: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const { file, format, head, pick, setFormat } = usePicked();
  const [given, setGiven] = useState<Roles>({});
  const [unique, setUnique] = useState(true);
  const records = head.data ?? [];
  const send = useMutation({
    mutationFn: (from: File) =>
      importRows({ dataset, file: from, query: { format, ...queryOf(given), ...(unique ? { unique: true } : {}) } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', dataset, 'jobs'] }),
  });
  return (
    <Dialog title={`Import rows into ${dataset}`} onClose={onClose} width={680}>
      {send.data ? (
        <RunningJob dataset={dataset} jobId={send.data.id} onClose={onClose} />
      ) : (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (file) send.mutate(file);
          }}
        >
          <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_140px]">
            <Field
              label="File"
              hint={file === null ? 'CSV, JSON Lines, JSON or Parquet; packed with gzip or not.' : sizeText(file.size)}
            >
              {(id) => (
                <input
                  id={id}
                  type="file"
                  required
                  accept=".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.gz"
                  className="field"
                  onChange={(event) => {
                    pick(event.target.files?.[0] ?? null);
                    setGiven({});
                  }}
                />
              )}
            </Field>
            <Field label="Format">
              {(id) => (
                <select
                  id={id}
                  className="field"
                  value={format}
                  onChange={(event) => setFormat(formats.find((one) => one === event.target.value) ?? null)}
                >
                  {formats.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          {file !== null && format === 'parquet' && <NamedFields onChange={setGiven} />}
          {head.isSuccess && format !== 'parquet' && records.length === 0 && (
            <p className="text-warn">▲ No row was found in its beginning. Is the format right?</p>
          )}
          {head.error && <ErrorText error={head.error} />}
          {records.length > 0 && <Mapping records={records} given={given} onChange={setGiven} />}
          <label className="flex min-h-6 items-center gap-2">
            <input type="checkbox" checked={unique} onChange={(event) => setUnique(event.target.checked)} />
            Leave out rows that are there already
          </label>
          {send.error && <ErrorText error={send.error} />}
          <DialogActions>
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="btn btn-primary" disabled={file === null || send.isPending}>
              {send.isPending ? 'Sending …' : 'Import'}
            </button>
          </DialogActions>
        </form>
      )}
    </Dialog>
  );
}
