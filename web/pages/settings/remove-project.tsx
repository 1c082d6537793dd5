import { useMutation, useQuery } from '@tanstack/react-query';
import type { MeBody, ResponseBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { projectContentsQuery } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { openProject } from '../../data/project.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';

type Contents = ResponseBody<'countProject'>;

const named: [keyof Contents, one: string, more?: string][] = [
  ['traces', 'trace'],
  ['scores', 'score'],
  ['models', 'model'],
  ['datasets', 'dataset'],
  ['examples', 'example'],
  ['evaluations', 'evaluation'],
  ['files', 'file'],
  ['keys', 'key'],
  ['people', 'person', 'people'],
];

function What({ contents }: { contents: Contents }) {
  const found = named.filter(([name]) => contents[name] > 0);
  if (found.length === 0) return <p>It has nothing.</p>;
  return (
    <>
      <p>It has, and loses for good:</p>
      <ul className="card grid grid-cols-2 gap-x-4 gap-y-1 p-3 sm:grid-cols-3">
        {found.map(([name, one, more]) => (
          <li key={name}>{plural(contents[name], one, more)}</li>
        ))}
      </ul>
    </>
  );
}

/** Says what goes, and has the name of the project typed first. */
export function RemoveProject({ project, onClose }: { project: MeBody['project']; onClose: () => void }) {
  const { client } = useData();
  const contents = useQuery(projectContentsQuery(client));
  const [name, setName] = useState('');
  const remove = useMutation({
    mutationFn: () => client.call('removeProject', { body: { name } }),
    onSuccess: () => openProject('default'),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog title={`Remove ${project.name}`} onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {contents.isPending && <Loading what="what the project has" />}
        {contents.data && <What contents={contents.data} />}
        {contents.error && <RequestError error={contents.error} onRetry={() => void contents.refetch()} />}
        <p className="text-text-2">
          It is closed at once: its keys end, and nobody sees it any more. People keep their accounts. The id{' '}
          <code className="mono">{project.id}</code> is not used again.
        </p>
        <Field label={`Type its name, ${project.name}`}>
          {(field) => (
            <input
              id={field}
              className="field"
              required
              autoComplete="off"
              spellCheck={false}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {remove.error && <ErrorText error={remove.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-danger"
            disabled={remove.isPending || contents.data === undefined || name !== project.name}
          >
            Remove it for good
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
