import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RequestBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { namePattern } from '../../data/monitor-draft.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

type Imported = { name?: unknown; title?: unknown; panels?: unknown };

/** What a text of JSON says; null: it is none. */
function readImport(text: string): Imported | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** A name that addresses take, made of a title. */
const nameOf = (title: string): string =>
  title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);

/** Makes a dashboard: an empty one, or of a file. */
export function DashboardForm({ imports, onClose }: { imports: boolean; onClose: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [title, setTitle] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [text, setText] = useState('');
  const file = imports ? readImport(text) : null;
  const saidTitle = title || (typeof file?.title === 'string' ? file.title : '');
  const saidName = name ?? (typeof file?.name === 'string' ? file.name : nameOf(saidTitle));
  const make = useMutation({
    mutationFn: () =>
      client.call('setDashboard', {
        params: { dashboard: saidName },
        // The server checks what a file says, and names what is wrong with it.
        body: {
          title: saidTitle,
          panels: (file?.panels ?? []) as RequestBody<'setDashboard'>['panels'],
          ifRevision: 0,
        },
      }),
    onSuccess: async (made) => {
      queryClient.setQueryData(['dashboards', made.name], made);
      await navigate({ to: '/dashboards/$dashboard', params: { dashboard: made.name } });
      await queryClient.invalidateQueries({ queryKey: ['dashboards'], exact: true });
    },
  });
  const isNone = imports && text.trim() !== '' && file === null;
  return (
    <Dialog title={imports ? 'Import a dashboard' : 'New dashboard'} onClose={onClose} width={imports ? 640 : 480}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        {imports && (
          <>
            <Field label="JSON" hint="As Export gives it." error={isNone ? 'That is not JSON.' : undefined}>
              {(id) => (
                <textarea
                  {...{ id, className: 'field mono', rows: 8, required: true, spellCheck: false, value: text }}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
            <input
              type="file"
              accept="application/json,.json"
              aria-label="A file of it"
              className="text-sm"
              onChange={(event) => void event.target.files?.[0]?.text().then(setText)}
            />
          </>
        )}
        <Field label="Title">
          {(id) => (
            <input
              {...{
                id,
                className: 'field',
                required: saidTitle === '',
                maxLength: 200,
                autoComplete: 'off',
                value: title,
              }}
              placeholder={saidTitle || 'Support'}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label="Name" hint="Of its address: a-z 0-9 . _ -">
          {(id) => (
            <input
              {...{
                id,
                className: 'field mono',
                required: true,
                pattern: namePattern,
                maxLength: 100,
                value: saidName,
              }}
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {make.error && <ErrorText error={make.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={make.isPending || isNone}>
            {imports ? 'Import' : 'Make'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
