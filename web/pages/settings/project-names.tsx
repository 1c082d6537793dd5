import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useMay, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { openProject } from '../../data/project.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { RemoveProject } from './remove-project.tsx';

const route = getRouteApi('/settings');

function NewProject({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const open = useMutation({
    mutationFn: () => client.call('createProject', { body: { id, ...(name.trim() === '' ? {} : { name }) } }),
    onSuccess: (project) => openProject(project.id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <Dialog title="Open a project" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <p className="text-text-2">
          Traces, models, datasets, people, keys and budgets of one project are not seen from another.
        </p>
        <Field label="Id" hint="Of a-z, 0-9 and -. It never changes.">
          {(field) => (
            <input
              id={field}
              className="field mono"
              placeholder="research"
              required
              pattern="[a-z0-9](?:[a-z0-9\-]{0,48}[a-z0-9])?"
              autoComplete="off"
              spellCheck={false}
              value={id}
              onChange={(event) => setId(event.target.value)}
            />
          )}
        </Field>
        <Field label="Name" hint="Left out: the id.">
          {(field) => (
            <input
              id={field}
              className="field"
              placeholder="Research"
              maxLength={80}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        {open.error && <ErrorText error={open.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={open.isPending}>
            Open it
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Rename({ name }: { name: string }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [text, setText] = useState(name);
  const save = useMutation({
    mutationFn: () => client.call('renameProject', { body: { name: text } }),
    onSuccess: async (project) => {
      toast(`✓ The project is called ${project.name}`);
      await queryClient.invalidateQueries({ queryKey: ['me'] });
    },
  });
  return (
    <form
      className="card flex flex-col gap-2 p-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <div className="flex flex-wrap items-center gap-2">
        <label htmlFor="project-name" className="w-40 text-text-2">
          Its name
        </label>
        <input
          id="project-name"
          className="field !w-64"
          required
          maxLength={80}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="btn" disabled={save.isPending || text.trim() === name}>
          Rename
        </button>
      </div>
      {save.error && <ErrorText error={save.error} />}
    </form>
  );
}

/** What this project is called, the way to another one, and the way out. */
export function ProjectNames() {
  const me = useMe();
  const may = useMay();
  const { open } = route.useSearch();
  const navigate = useNavigate();
  const show = (next: 'project' | 'remove' | undefined) =>
    void navigate({ to: '/settings', search: next === undefined ? {} : { open: next }, replace: true });
  if (me === undefined) return null;
  // The default project is where everybody comes who names none.
  const removable = may('removeProject') && me.project.id !== 'default';
  return (
    <>
      {may('renameProject') && <Rename key={me.project.name} name={me.project.name} />}
      {may('createProject') ? (
        <div className="flex flex-wrap gap-2">
          <button type="button" className="btn" onClick={() => show('project')}>
            Open another project
          </button>
          {removable && (
            <button type="button" className="btn" onClick={() => show('remove')}>
              Remove this project
            </button>
          )}
        </div>
      ) : (
        <NeedsRole of="createProject" what="Renaming or removing this project and opening another one" />
      )}
      {open === 'remove' && removable && <RemoveProject project={me.project} onClose={() => show(undefined)} />}
      {open === 'project' && may('createProject') && <NewProject onClose={() => show(undefined)} />}
    </>
  );
}
