import { base64ToVector } from '@wheelhouse/core/dialect';
import type { CancelSignal, Embedder, EmbedOutcome } from '@wheelhouse/core/ports';
import { type Caller, isJsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { noControl } from './control-headers.ts';
import type { EndedCall } from './ended-call.ts';
import { type Gathered, Gathering } from './gathering.ts';
import type { Serve } from './serve.ts';
import type { Tasks } from './tasks.ts';

type EmbedderDeps = { serve: Serve; tasks: Tasks };

/** null: that is no answer with so many vectors of one length. */
function readVectors(body: string, count: number): number[][] | null {
  try {
    const answer: unknown = JSON.parse(body);
    if (!isJsonObject(answer) || !Array.isArray(answer.data)) return null;
    const vectors = new Array<number[] | undefined>(count).fill(undefined);
    for (const one of answer.data) {
      if (!isJsonObject(one) || typeof one.index !== 'number' || typeof one.embedding !== 'string') return null;
      vectors[one.index] = [...base64ToVector(one.embedding)];
    }
    const length = vectors[0]?.length ?? 0;
    const areWhole = length > 0 && vectors.length === count && vectors.every((one) => one?.length === length);
    return areWhole ? (vectors as number[][]) : null;
  } catch {
    return null;
  }
}

const errorBody = ({ message }: WheelhouseError) => JSON.stringify({ error: { message } });

function readError(body: string): string | null {
  try {
    const said: unknown = JSON.parse(body);
    const message = isJsonObject(said) && isJsonObject(said.error) ? said.error.message : null;
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

function outcomeOf({ status, body }: Gathered, call: EndedCall | null, count: number): EmbedOutcome {
  if (status >= 400 || call === null)
    return { ok: false, error: readError(body) ?? `The provider answered with status ${status}.` };
  const vectors = readVectors(body, count);
  if (vectors === null) return { ok: false, error: 'The provider sent vectors that cannot be read.' };
  return { ok: true, vectors, traceId: call.facts.traceId, costNanoUsd: call.spent().costNanoUsd };
}

type Run = NonNullable<Parameters<Embedder['embed']>[2]['run']>;
type Asked = {
  by: Caller;
  model: string;
  texts: readonly string[];
  tags: string[];
  run: Run | null;
  signal: CancelSignal;
};

function ask({ serve, tasks }: EmbedderDeps, { by, model, texts, tags, run, signal }: Asked): Promise<EmbedOutcome> {
  return new Promise((resolve, reject) => {
    const outlet = new Gathering(errorBody, (answer, call) => {
      signal.removeEventListener('abort', stop);
      resolve(outcomeOf(answer, call, texts.length));
    });
    const task = tasks.embeddings(by.project, JSON.stringify({ model, input: texts, encoding_format: 'base64' }));
    const asked = {
      task,
      by,
      traceparent: null,
      userAgent: null,
      control: tags.length === 0 ? noControl : { ...noControl, tags },
      run,
    };
    const running = serve({ ...asked, origin: 'vendor', startMs: performance.now() }, outlet);
    function stop(): void {
      // First: what is cut off ends as an answer of nothing.
      reject(signal.reason);
      running.abort('The call was stopped.');
    }
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Turns texts into vectors on the same path as HTTP callers: governed and recorded as any call. */
export function createEmbedder(deps: EmbedderDeps): (by: Caller) => Embedder {
  return (by) => ({
    async embed(model, texts, { signal, tags = [], run = null }) {
      try {
        return await ask(deps, { by, model, texts, tags, run, signal });
      } catch (error) {
        if (!(error instanceof WheelhouseError) || signal.aborted) throw error;
        return { ok: false, error: `${error.message} ${error.hint}` };
      }
    },
  });
}
