import {
  type Adapter,
  asSignature,
  type ChatMessage,
  defineModule,
  type InputOf,
  jsonAdapter,
  type Module,
  type OutputOf,
  predict,
  type Send,
  type SignatureLike,
  type Valid,
} from '@wheelhouse/core/program';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';

/** What a function is told that its text and examples are tuned of. */
export type Tuned<Input = JsonObject, Output = JsonObject> = {
  instructions: string;
  /** Examples to show; of some, fields are missing. */
  demos: readonly { input: Partial<Input>; output: Partial<Output> }[];
  /**
   * For the function's own client: it answers `POST …/chat/completions` as OpenAI does, with the models of the world, so that
   * each call is traced, priced and counted. Answers are text; a request with tools is refused.
   */
  fetch: typeof fetch;
  /** Where that client is to send its calls; `fetch` lets none of them out. */
  baseURL: string;
  signal: AbortSignal;
};

const json = (body: Json, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

function streamed(head: JsonObject, text: string): Response {
  const choice = (delta: JsonObject, reason: string | null) => ({ index: 0, delta, finish_reason: reason });
  const chunks = [choice({ role: 'assistant', content: text }, null), choice({}, 'stop')].map((one) =>
    JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [one] }),
  );
  const body = [...chunks, '[DONE]'].map((chunk) => `data: ${chunk}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** @throws WheelhouseError `invalid_request` for what cannot be asked here */
async function bodyOf(request: Request): Promise<JsonObject & { messages: Json[] }> {
  const refuse = (what: string) => new WheelhouseError('invalid_request', `A tuned function ${what}.`);
  if (request.method !== 'POST' || !new URL(request.url).pathname.endsWith('/chat/completions'))
    throw refuse(`asked for ${request.method} ${request.url}, and can ask for chat completions alone`);
  const body = (await request.json()) as Json;
  if (!isJsonObject(body) || !Array.isArray(body.messages)) throw refuse('asked without messages');
  if (Array.isArray(body.tools) && body.tools.length > 0) throw refuse('gave its model tools, which are not passed on');
  return body as JsonObject & { messages: Json[] };
}

type Failures = { refused: unknown; last: unknown };

/** OpenAI's chat over what asks the models of the world. What went wrong is kept, and answered with a 400, which no client repeats. */
const chatOver =
  (send: Send, failures: Failures): typeof fetch =>
  async (input, init) => {
    try {
      const body = await bodyOf(new Request(input, init)).catch((error: unknown) => {
        failures.refused ??= error;
        throw error;
      });
      const { messages, model, stream, stream_options: _, n: __, ...parameters } = body;
      const text = await send(messages as unknown as ChatMessage[], {
        ...{ adapter: 'function', parameters },
        ...(typeof model === 'string' ? { model } : {}),
      });
      const head = { id: 'chatcmpl-tuned', created: 0, model: model ?? '' };
      if (stream === true) return streamed(head, text);
      const choice = { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' };
      const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
      return json({ ...head, object: 'chat.completion', choices: [choice], usage });
    } catch (error) {
      failures.last = error;
      const message = error instanceof Error ? error.message : String(error);
      return json({ error: { message, type: 'invalid_request_error', code: null, param: null } }, 400);
    }
  };

const pick = (values: JsonObject, fields: readonly { name: string }[]) =>
  Object.fromEntries(fields.flatMap(({ name }) => (Object.hasOwn(values, name) ? [[name, values[name]]] : [])));

/**
 * A function of your own (a runnable of LangChain.js, a call of the AI SDK) as a program, whose instructions and
 * demonstrations are tuned: it writes its messages itself, of what it is told, and asks by the client it is used to.
 * @throws WheelhouseError `answer_unreadable` where what it gives does not fit, and why a model could not be asked
 */
export function tunedFunction<const S extends SignatureLike>(
  of: S & Valid<S>,
  run: (
    input: InputOf<S>,
    tuned: Tuned<InputOf<S>, OutputOf<S>>,
  ) => OutputOf<S> | string | Promise<OutputOf<S> | string>,
): Module<InputOf<S>, OutputOf<S>> {
  const signature = asSignature(of);
  const adapterOf = (signal: AbortSignal): Adapter => ({
    name: 'function',
    format: () => [],
    parse: jsonAdapter.parse,
    async ask({ signature: { instructions, inputs, outputs }, demos, input }, send) {
      const failures: Failures = { refused: null, last: null };
      const chat = chatOver(send, failures);
      const shown = demos.map(({ values }) => ({ input: pick(values, inputs), output: pick(values, outputs) }));
      const told = { instructions, demos: shown, fetch: chat, baseURL: 'http://wheelhouse.invalid/v1', signal };
      try {
        const output = await run(input as never, told as never);
        // A function may know what to do about a model that is away, but not about what is never passed on.
        if (failures.refused) throw failures.refused;
        // One text is the one output, or all of them as JSON.
        const [only] = outputs;
        const whole = typeof output === 'string' && outputs.length === 1 ? { [only?.name ?? '']: output } : output;
        return jsonAdapter.parse(signature, typeof whole === 'string' ? whole : JSON.stringify(whole));
      } catch (error) {
        throw failures.last ?? error;
      }
    },
  });
  const inner = predict(signature);
  return defineModule<InputOf<S>, OutputOf<S>>({
    signature,
    forward: async (input, scope) => {
      const adapter = adapterOf(scope.world.signal as AbortSignal);
      const output = await inner.forward(input as never, { ...scope, world: { ...scope.world, adapter } });
      return output as OutputOf<S>;
    },
  });
}
