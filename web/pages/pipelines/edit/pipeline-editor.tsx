import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type PipelineBody, type RequestBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { Redo2, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../../data/data-context.tsx';
import { draftOf, firstDraft, type PipelineDraft } from '../../../data/pipeline-draft.ts';
import { pipelinePlanQuery } from '../../../data/pipeline-queries.ts';
import { Field } from '../../../parts/field.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { ErrorText } from '../../../parts/request-state.tsx';
import { useToast } from '../../../parts/toast.tsx';
import { useSettled } from '../../../parts/use-settled.ts';
import { DefinitionText } from './definition-text.tsx';
import { PipelineFields } from './pipeline-fields.tsx';
import { PlanView } from './plan-view.tsx';
import { useDraft } from './use-draft.ts';

type Body = RequestBody<'setPipeline'>;

/** Where the server says something is wrong. */
function wrongIn(error: Error | null): { param: string; text: string } | null {
  if (!(error instanceof WheelhouseApiError) || error.param === null) return null;
  const [, place] = /^((?:steps|triggers)\.\d+)/.exec(error.param) ?? [];
  return place === undefined ? null : { param: place, text: error.message };
}

/** Sets it up unless somebody did so meanwhile, and offers to take that back. */
function useSave(known: PipelineBody | null) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const read = () =>
    Promise.all([['pipelines'], ['pipeline']].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  const undo = async (saved: PipelineBody, before: Body) => {
    const ask = { params: { pipeline: saved.name }, query: { known: saved.changedAt } };
    await client.call('setPipeline', { ...ask, body: before }).then(
      () => toast('✓ As it was before'),
      (error: Error) => toast(`✕ ${error.message}`),
    );
    await read();
  };
  return useMutation({
    mutationFn: ({ name, body }: { name: string; body: Body }) =>
      client.call('setPipeline', { params: { pipeline: name }, query: { known: known?.changedAt ?? 'none' }, body }),
    onSuccess: async (saved) => {
      await read();
      await navigate({ to: '/pipelines/$pipeline', params: { pipeline: saved.name } });
      toast(
        known === null ? (
          `✓ ${saved.name} is set up`
        ) : (
          <>
            ✓ {saved.name} is set up{' '}
            <button
              type="button"
              className="link min-h-6 underline"
              onClick={() => void undo(saved, draftOf(known.definition) as unknown as Body)}
            >
              Undo
            </button>
          </>
        ),
      );
    },
  });
}

type EditorProps = {
  /** null: a new one. */
  known: PipelineBody | null;
  model: string;
  onClose: () => void;
};

/** Writes a pipeline in fields or as text, says what it would do, and sets it up. */
export function PipelineEditor({ known, model, onClose }: EditorProps): ReactNode {
  const { client } = useData();
  const [name, setName] = useState(known?.name ?? '');
  const [isText, setIsText] = useState(false);
  const { draft, set, undo, redo, isChanged } = useDraft(
    known === null ? firstDraft(model) : draftOf(known.definition),
  );
  const body = draft as unknown as Body;
  const asked = useSettled<PipelineDraft>(draft);
  const plan = useQuery(pipelinePlanQuery(client, asked as unknown as Body));
  const save = useSave(known);
  const isStale = save.error instanceof WheelhouseApiError && save.error.code === 'conflict';
  return (
    <>
      <PageHeader
        title={known === null ? 'New pipeline' : `Edit ${known.name}`}
        parent={
          <Link to="/pipelines" className="link">
            Pipelines
          </Link>
        }
        actions={
          <>
            <button type="button" className="btn" disabled={undo === undefined} onClick={undo}>
              <Undo2 size={13} strokeWidth={1.75} aria-hidden="true" />
              Undo
            </button>
            <button type="button" className="btn" disabled={redo === undefined} onClick={redo}>
              <Redo2 size={13} strokeWidth={1.75} aria-hidden="true" />
              Redo
            </button>
            <button type="button" className="btn" aria-pressed={isText} onClick={() => setIsText(!isText)}>
              As text
            </button>
          </>
        }
      />
      <form
        className="grid flex-auto content-start gap-4 p-4 xl:grid-cols-[minmax(0,1fr)_360px]"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ name: name.trim(), body });
        }}
      >
        <div className="flex min-w-0 flex-col gap-4">
          {known === null && (
            <Field label="Name" hint="What commands and links call it.">
              {(id) => (
                <input
                  id={id}
                  className="field mono !max-w-80"
                  required
                  pattern="[a-z0-9]([a-z0-9._\-]{0,98}[a-z0-9])?"
                  title="a-z 0-9 . _ -"
                  autoComplete="off"
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
          )}
          {isText ? (
            <DefinitionText draft={draft} onDraft={set} />
          ) : (
            <PipelineFields draft={draft} onDraft={set} wrong={wrongIn(plan.error)} />
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-3 xl:sticky xl:top-4 xl:self-start">
          <PlanView plan={plan.data} error={plan.error} />
          {save.error && <ErrorText error={save.error} />}
          {isStale && (
            <p className="text-sm text-text-2">
              Your changes are still here: copy them from the text, and open the page anew.
            </p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <button type="button" className="btn" onClick={onClose}>
              Cancel
            </button>
            <button
              type="submit"
              className="btn btn-primary"
              disabled={save.isPending || plan.error !== null || (known !== null && !isChanged)}
            >
              {known === null ? 'Set it up' : 'Save'}
            </button>
          </div>
        </div>
      </form>
    </>
  );
}
