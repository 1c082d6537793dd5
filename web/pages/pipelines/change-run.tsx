import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { PipelineRunBody } from '@wheelhouse/sdk';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { CallersWarning } from '../../parts/callers-warning.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { WhyField } from '../../parts/why-field.tsx';

export type Change = 'approve' | 'reject' | 'stop';

type Words = { title: string; action: string; done: string; text: ReactNode };
type Step = PipelineRunBody['steps'][number];
type Definition = PipelineRunBody['definition']['steps'][number];

/** What a step is about to do, in words that somebody can be held to. */
function willDo(run: PipelineRunBody, step: Definition | undefined): string {
  const { model, alias } = run.definition;
  const version = run.candidate === null ? 'the candidate' : `v${run.candidate}`;
  if (step === undefined) return 'The run comes to its end.';
  switch (step.do) {
    case 'release': {
      const share = typeof step.share === 'number' ? `${Math.round(step.share * 1_000) / 10} %` : 'a share';
      return `${version} gets ${share} of the calls of ${model}@${alias}, watched, and is taken out again when something becomes worse.`;
    }
    case 'publish':
      return `What was found becomes the next version of ${model}.`;
    case 'approve':
      return `The run asks again, at ${step.name}.`;
    default:
      return `The run goes on with ${step.name}, which may cost money.`;
  }
}

function wordsOf(change: Change, run: PipelineRunBody, asking: Step | undefined): Words {
  const at = run.definition.steps.findIndex(({ name }) => name === asking?.name);
  const note = run.definition.steps[at]?.note;
  if (change === 'stop')
    return {
      title: `Stop run ${run.number}`,
      action: 'Stop the run',
      done: `Run ${run.number} is stopped`,
      text: 'What it has under way is stopped as well: an evaluation or optimization ends with what it has, a release of it is rolled back. What it made stays, and the run can be tried again.',
    };
  const question = typeof note === 'string' && note !== '' && <span className="mt-2 block text-text-2">{note}</span>;
  if (change === 'reject')
    return {
      title: 'Say no',
      action: 'Say no',
      done: `Run ${run.number} is held back`,
      text: (
        <>
          The run ends here; nothing behind {asking?.name} happens.
          {question}
        </>
      ),
    };
  return {
    title: 'Say yes',
    action: 'Yes, go on',
    done: `Run ${run.number} goes on`,
    text: (
      <>
        {willDo(run, run.definition.steps[at + 1])} From here on the run acts in your name.
        {question}
      </>
    ),
  };
}

type ChangeRunProps = { run: PipelineRunBody; change: Change; onClose: () => void };

/** Says what will happen, asks why, and does it. */
export function ChangeRun({ run, change, onClose }: ChangeRunProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [why, setWhy] = useState('');
  const asking = run.steps.find(({ state }) => state === 'asks');
  const { title, action, done, text } = wordsOf(change, run, asking);
  // Whoever says yes has read it: it stands above the button.
  const breaking = (change === 'approve' && asking?.output.breaking) || [];
  const act = useMutation({
    mutationFn: () => {
      const params = { runId: run.id };
      if (change === 'stop') return client.call('stopPipelineRun', { params, body: { reason: why.trim() } });
      const yes = change === 'approve';
      const body = { yes, step: asking?.name ?? '', note: why.trim(), breaking: yes && breaking.length > 0 };
      return client.call('decidePipelineRun', { params, body });
    },
    onSuccess: async () => {
      toast(`✓ ${done}`);
      onClose();
      const changed = [['pipelines'], ['pipeline', run.pipeline], ['pipeline-runs'], ['pipeline-run', run.id]];
      await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        <div className="break-words">{text}</div>
        <CallersWarning
          of={`${run.definition.model}@${run.definition.alias}`}
          to={`v${run.candidate}`}
          breaking={breaking}
        />
        <WhyField hint="Kept with the run and in the audit log." value={why} onChange={setWhy} />
        {act.error && <ErrorText error={act.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={`btn ${change === 'approve' ? 'btn-primary' : 'btn-danger'}`}
            disabled={act.isPending}
          >
            {breaking.length > 0 ? 'Yes, all the same' : action}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
