import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { viewsQuery } from '../../data/trace-queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

/** The address of what is seen, without the row that is being looked at. */
function hereUrl(): string {
  const url = new URL(location.href);
  url.searchParams.delete('peek');
  return url.pathname + url.search;
}

/** Names for addresses: to keep the view that is seen, and to go to those that were kept. */
export function ViewsDialog({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const router = useRouter();
  const queryClient = useQueryClient();
  const toast = useToast();
  const views = useQuery(viewsQuery(client));
  const [name, setName] = useState('');
  const url = hereUrl();
  const reread = () => queryClient.invalidateQueries({ queryKey: ['views'] });
  const save = useMutation({
    mutationFn: () => client.call('createView', { body: { name: name.trim(), url } }),
    onSuccess: async (view) => {
      toast(`✓ Saved as “${view.name}”`);
      onClose();
      await reread();
    },
  });
  const remove = useMutation({
    mutationFn: (viewId: string) => client.call('removeView', { params: { viewId } }),
    onSuccess: reread,
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <Dialog title="Saved views" onClose={onClose}>
      <May call="createView">
        {' '}
        <form
          className="flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <div className="min-w-0 flex-1">
            <Field label="Save what is seen now as">
              {(id) => (
                <input
                  id={id}
                  className="field"
                  value={name}
                  maxLength={100}
                  required
                  autoComplete="off"
                  placeholder="Slow answers of today"
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
          </div>
          <button type="submit" className="btn btn-primary" disabled={save.isPending || name.trim() === ''}>
            Save
          </button>
        </form>
        <p className="mono mt-1 truncate text-text-3" title={url}>
          {decodeURIComponent(url.replaceAll('+', ' '))}
        </p>
      </May>
      {save.error && (
        <div className="mt-2">
          <ErrorText error={save.error} />
        </div>
      )}
      <div className="mt-3 border-t border-line pt-2">
        {views.isPending && <Loading what="views" />}
        {views.error && <ErrorText error={views.error} />}
        {views.data?.length === 0 && <p className="text-text-3">No view was saved yet.</p>}
        <ul>
          {views.data?.map((view) => (
            <li key={view.id} className="flex min-h-8 items-center gap-2">
              <a
                href={view.url}
                className="link min-w-0 truncate"
                onClick={(event) => {
                  event.preventDefault();
                  onClose();
                  router.history.push(view.url);
                }}
              >
                {view.name}
              </a>
              <span className="mono min-w-0 flex-1 truncate text-text-3">
                {decodeURIComponent(view.url.replace(/^[^?]*\??/, '').replaceAll('+', ' '))}
              </span>
              <May call="removeView">
                <button
                  type="button"
                  className="btn btn-quiet btn-icon"
                  aria-label={`Forget ${view.name}`}
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(view.id)}
                >
                  <Trash2 size={13} strokeWidth={1.75} />
                </button>
              </May>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
