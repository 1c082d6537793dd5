import { base64ToVector } from '@wheelhouse/core/dialect';
import type { Meaning } from '@wheelhouse/core/ports';
import { isJsonObject, type SpanId, type TraceId } from '@wheelhouse/core/records';
import type { CallInput } from './call.ts';
import { Gathering } from './gathering.ts';
import type { Outlet, Running } from './outlet.ts';
import type { Tasks } from './tasks.ts';

export type VectorDeps = {
  tasks: Pick<Tasks, 'embeddings'>;
  log: { error(details: object, message: string): void };
  serve(input: CallInput, outlet: Outlet): Running;
};

/** The vector of a question, made when it is asked for first. */
export type QuestionVector = {
  /** null: there is none. */
  vector(): Promise<Float32Array | null>;
  abort(reason: string): void;
};

function readVector(body: string): Float32Array | null {
  try {
    const answer: unknown = JSON.parse(body);
    const [first] = isJsonObject(answer) && Array.isArray(answer.data) ? answer.data : [];
    if (!isJsonObject(first) || typeof first.embedding !== 'string') return null;
    return Float32Array.from(base64ToVector(first.embedding));
  } catch {
    return null;
  }
}

type Asked = { input: CallInput; ids: { traceId: TraceId; spanId: SpanId }; meaning: Meaning };

/** Has questions turned into vectors by a model: calls of their own below those that ask, governed and recorded as any. */
export function createQuestionVectors({ tasks, log, serve }: VectorDeps) {
  const told = new Set<string>();

  function tell(embedder: string, error: unknown): null {
    if (!told.has(embedder)) log.error({ err: error, embedder }, 'questions get no vectors, and find no similar ones');
    told.add(embedder);
    return null;
  }

  return ({ input, ids, meaning }: Asked): QuestionVector => {
    let made: Promise<Float32Array | null> | null = null;
    let running: Running | null = null;

    function make(): Promise<Float32Array | null> {
      const { embedder: model, question } = meaning;
      const { by, control, task } = input;
      return new Promise((resolve) => {
        const text = JSON.stringify({ model, input: question, encoding_format: 'base64' });
        const outlet = new Gathering(
          () => '',
          ({ status, body }) => resolve(status === 200 ? readVector(body) : null),
        );
        const own = { user: control.user ?? task.user, session: control.session ?? task.session };
        running = serve(
          {
            ...{ by, run: null, userAgent: null, origin: 'vendor', startMs: performance.now() },
            task: tasks.embeddings(by.project, text),
            traceparent: `00-${ids.traceId}-${ids.spanId}-01`,
            control: { ...control, ...own, cache: null, deadlineMs: null },
          },
          outlet,
        );
      });
    }

    return {
      vector() {
        made ??= make().catch((error: unknown) => tell(meaning.embedder, error));
        return made;
      },
      abort: (reason) => running?.abort(reason),
    };
  };
}

export type QuestionVectors = ReturnType<typeof createQuestionVectors>;
