import { useMutation } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { sendSampleCall } from '../../data/chat.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

const ways = (origin: string) => [
  {
    title: 'From a terminal',
    text: 'sim/echo is the model that ships with Wheelhouse: it answers without a vendor and without a key.',
    code: `curl ${origin}/v1/chat/completions \\
  -H 'content-type: application/json' \\
  -d '{"model":"sim/echo","messages":[{"role":"user","content":"hello"}]}'`,
  },
  {
    title: 'From your code, with any OpenAI client',
    text: 'Only the base URL changes.',
    code: `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${origin}/v1',
  apiKey: 'any',
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
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`,
  },
];

/** The first minute: says what a trace is and hands over what really makes one; the page changes when it lands. */
export function TracesEmpty() {
  const send = useMutation({ mutationFn: sendSampleCall });
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <Empty
        heading="No traces yet"
        text="A trace is one call as it happened: what went in, what came out, what it took and what it cost. Three ways to make the first; this page changes by itself when it lands."
        ways={ways(location.origin)}
      >
        <button type="button" className="btn btn-primary" disabled={send.isPending} onClick={() => send.mutate()}>
          <Play size={13} strokeWidth={1.75} aria-hidden="true" />
          Send a sample call
        </button>
        <span role="status" className="text-text-2">
          {send.isPending ? 'Calling sim/echo …' : send.isSuccess ? 'Answered. The trace is on its way …' : ''}
        </span>
        {send.error && <ErrorText error={send.error} />}
      </Empty>
    </div>
  );
}
