import type { ErrorBody, FailedPredictionBody, PredictBody, PredictionBody } from '@wheelhouse/core/contract';
import { predictPath } from '@wheelhouse/core/contract/paths';
import { type ClientOptions, errorOf, unreachable, WheelhouseApiError } from '../client/index.ts';
import { readEvents } from './read-events.ts';

type Messages = NonNullable<PredictBody['messages']>;

export type PredictOptions = {
  /** A conversation in the form of OpenAI's chat, after the model's own messages. */
  messages?: Messages;
  /** How to answer: what the signature names, or request members such as `temperature`. */
  parameters?: Record<string, unknown>;
  /** Trace id of a run that failed: the steps that it finished are not done again. */
  resume?: string;
  /** More headers of the request, such as `traceparent`. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

export type BatchOptions = Omit<PredictOptions, 'resume'> & {
  /** How many are asked at one time, 1 to 32; 8 unless said. */
  concurrency?: number;
};

/** What a model answered. `Output` is what its signature says, as far as whoever calls says so. */
export type Answer<Output = unknown> = Omit<PredictionBody, 'output'> & { output: Output };

/** The text of an answer in pieces, then the answer itself. */
export type AnswerStream<Output = unknown> = AsyncIterable<string> & {
  /** Reads what is left and gives the whole. */
  result(): Promise<Answer<Output>>;
};

export type ModelCaller<Input = unknown, Output = unknown> = {
  /** @throws WheelhouseApiError */
  predict(input: Input, options?: PredictOptions): Promise<Answer<Output>>;
  /** Nothing is asked before somebody reads; who stops reading ends the call. */
  stream(input: Input, options?: PredictOptions): AnswerStream<Output>;
  /** An answer or an `error` for each input, in their order. */
  batch(inputs: Input[], options?: BatchOptions): Promise<(Answer<Output> | FailedPredictionBody)[]>;
};

/** What the server takes in one request. */
const mostInputs = 1000;

type Body = Record<string, unknown>;

function apiError(status: number, { error }: ErrorBody): WheelhouseApiError {
  return new WheelhouseApiError(status, error.code, error.message, error.hint, { param: error.param });
}

/** Any model by the name that an OpenAI client would use: `support-bot@production`, `support-bot@7`, `openai/gpt-4o-mini`. */
export function createModelCaller<Input, Output>(ref: string, client: ClientOptions): ModelCaller<Input, Output> {
  const baseUrl = (client.baseUrl ?? '').replace(/\/$/, '');
  const send = client.fetch ?? ((input, init) => fetch(input, init));

  async function post(body: Body, { headers, signal }: PredictOptions): Promise<Response> {
    const response = await send(`${baseUrl}${predictPath(ref)}`, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        ...(client.apiKey ? { authorization: `Bearer ${client.apiKey}` } : {}),
        ...(client.project ? { 'x-wheelhouse-project': client.project } : {}),
      },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause;
      throw unreachable(baseUrl, cause);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  const shared = ({ messages, parameters, resume }: PredictOptions): Body => ({
    ...(messages ? { messages } : {}),
    ...(parameters ? { parameters } : {}),
    ...(resume ? { resume } : {}),
  });

  async function* pieces(input: Input, options: PredictOptions): AsyncGenerator<string, Answer<Output>> {
    const { body } = await post({ ...shared(options), input, stream: true }, options);
    if (body !== null)
      for await (const { event, data } of readEvents(body)) {
        if (event === 'text') yield (data as { text: string }).text;
        else if (event === 'output') return data as Answer<Output>;
        else if (event === 'error') throw apiError(200, data as ErrorBody);
      }
    throw new WheelhouseApiError(0, 'unexpected_answer', 'The answer ended before it was complete.', 'Ask again.');
  }

  return {
    async predict(input, options = {}) {
      const response = await post({ ...shared(options), input }, options);
      return (await response.json()) as Answer<Output>;
    },
    stream(input, options = {}) {
      const reading = pieces(input, options);
      let answer: Answer<Output> | null = null;
      async function* texts(): AsyncGenerator<string, void> {
        try {
          for (let read = await reading.next(); ; read = await reading.next()) {
            if (read.done) {
              answer ??= read.value ?? null;
              return;
            }
            yield read.value;
          }
        } finally {
          if (answer === null) await reading.return(undefined as never);
        }
      }
      const shown = texts();
      return {
        [Symbol.asyncIterator]: () => shown,
        async result() {
          while (!(await shown.next()).done);
          if (answer !== null) return answer;
          throw new WheelhouseApiError(
            0,
            'unexpected_answer',
            'The answer was not read to its end.',
            'Read all of it.',
          );
        },
      };
    },
    async batch(inputs, options = {}) {
      const { concurrency } = options;
      const rows: (Answer<Output> | FailedPredictionBody)[] = [];
      for (let from = 0; from < inputs.length; from += mostInputs) {
        const body = { ...shared(options), inputs: inputs.slice(from, from + mostInputs) };
        const response = await post({ ...body, ...(concurrency ? { concurrency } : {}) }, options);
        rows.push(...((await response.json()) as { data: typeof rows }).data);
      }
      return rows;
    },
  };
}
