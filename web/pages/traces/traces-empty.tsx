import { useMutation } from '@tanstack/react-query';
import { Play, Stethoscope } from 'lucide-react';
import { sendSampleCall } from '../../data/chat.ts';
import { useLiveState } from '../../data/data-context.tsx';
import { type Here, useHere } from '../../data/here.ts';
import { CheckList } from '../../parts/check-list.tsx';
import { Empty, type Way } from '../../parts/empty.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useDoctor } from './use-doctor.ts';

const ways = ({ origin, curl, apiKey, needsKey }: Here): Way[] => [
  {
    title: 'From a terminal',
    text: 'sim/echo is the model that ships with Wheelhouse: it answers without a vendor and without a key of one.',
    code: `curl ${origin}/v1/chat/completions ${curl} \\
  -d '{"model":"sim/echo","messages":[{"role":"user","content":"hello"}]}'`,
  },
  {
    title: 'From your code, with any OpenAI client',
    text: 'Only the base URL changes.',
    code: `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${origin}/v1',
  apiKey: ${apiKey},
});
await client.chat.completions.create({
  model: 'sim/echo',
  messages: [{ role: 'user', content: 'hello' }],
});`,
  },
  {
    title: 'From what you run already, with OpenTelemetry',
    text: 'GenAI spans of any exporter over HTTP, as protobuf or JSON.',
    code: `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf${
      needsKey ? '\nexport OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$WHEELHOUSE_API_KEY"' : ''
    }`,
  },
];

/** Waits aloud; when nothing comes, says what it found out. */
function Waiting() {
  const { state, checks, ask } = useDoctor();
  const live = useLiveState();
  const wrong = checks.some((check) => check.state !== 'good');
  return (
    <section aria-label="Waiting for the first trace" className="card p-3">
      <div className="flex min-h-7 flex-wrap items-center gap-2">
        <span className="live-dot" data-state={live} aria-hidden="true" />
        <span role="status" className="font-semibold">
          {state === 'waiting' && 'Waiting for the first trace …'}
          {state === 'asking' && 'Nothing has come yet. Looking why …'}
          {state === 'done' &&
            (wrong ? 'Nothing has come yet. This may be why:' : 'Ready, and still nothing has come.')}
        </span>
        <button
          type="button"
          className="btn btn-quiet ml-auto"
          disabled={state === 'asking'}
          onClick={ask}
          title="What wheelhouse doctor does in a terminal"
        >
          <Stethoscope size={13} strokeWidth={1.75} aria-hidden="true" />
          {state === 'waiting' ? 'Check now' : 'Check again'}
        </button>
      </div>
      {checks.length > 0 && (
        <div className="mt-2 border-t border-line pt-2">
          <CheckList checks={checks} label="What the doctor found" />
        </div>
      )}
      {state === 'done' && (
        <p className="mt-2 text-text-2">
          The same from where your app runs, with what its environment says:{' '}
          <span className="mono">wheelhouse doctor</span>
        </p>
      )}
    </section>
  );
}

/** The first minute: says what a trace is and hands over what really makes one; the page changes when it lands. */
export function TracesEmpty() {
  const here = useHere();
  const send = useMutation({ mutationFn: sendSampleCall });
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <Empty
        heading="No traces yet"
        text="A trace is one call as it happened: what went in, what came out, what it took and what it cost. This page changes by itself when the first one lands."
        ways={ways(here)}
      >
        <button type="button" className="btn btn-primary" disabled={send.isPending} onClick={() => send.mutate()}>
          <Play size={13} strokeWidth={1.75} aria-hidden="true" />
          Send a sample call
        </button>
        <span role="status" className="text-text-2">
          {send.isPending ? 'Calling sim/echo …' : send.isSuccess ? 'Answered. The trace is on its way …' : ''}
        </span>
        {send.error && <ErrorText error={send.error} />}
        <div className="mt-2 w-full">
          <Waiting />
        </div>
      </Empty>
    </div>
  );
}
