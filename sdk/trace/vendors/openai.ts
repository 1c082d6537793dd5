import { createChatFold } from '@wheelhouse/core/trace';
import {
  type CallReader,
  contentOf,
  errorIn,
  foldAssembled,
  type Loose,
  loose,
  looseList,
  textOf,
} from './call-reader.ts';

const userId = (body: Loose): string | null => textOf(body.user) ?? textOf(body.safety_identifier);
const common = ['model', 'stream_options', 'user', 'safety_identifier', 'tools', 'functions'];

/** Whether a chunk carries text, thought or a tool call; the first often carries a role alone. */
const says = (chunk: Loose): boolean =>
  looseList(chunk.choices).some(({ delta }) =>
    Object.entries(loose(delta)).some(([key, value]) => key !== 'role' && value !== null && value !== ''),
  );

/** `POST /chat/completions` (OpenAI API 2.3.0). */
export const openAiChat: CallReader = {
  operation: 'chat',
  content: new Set([...common, 'messages']),
  input: ({ messages }) => contentOf({ messages }, 'input'),
  userId,
  fold() {
    const fold = createChatFold();
    return {
      event(chunk) {
        fold.chunk(chunk);
        return says(chunk);
      },
      whole: (answer) => fold.whole(answer),
      facts() {
        const { messages, responseId, responseModel, finishReasons, error } = fold.result();
        return {
          id: responseId,
          model: responseModel,
          finishReasons,
          output: messages.length > 0 ? { type: 'messages', messages } : null,
          error,
        };
      },
    };
  },
};

/** `POST /completions`, the older endpoint of plain text. */
export const openAiCompletions: CallReader = {
  operation: 'text_completion',
  content: new Set([...common, 'prompt']),
  input: ({ prompt }) =>
    prompt == null
      ? null
      : contentOf({ messages: [prompt].flat().map((text) => ({ role: 'user', content: String(text) })) }, 'input'),
  userId,
  fold() {
    const choices = new Map<number, { text: string; finish_reason: string | null }>();
    let last: Loose = {};
    return foldAssembled(
      (answer) => ({
        id: textOf(answer.id),
        model: textOf(answer.model),
        finishReasons: looseList(answer.choices).flatMap(({ finish_reason }) => textOf(finish_reason) ?? []),
        output: contentOf(answer, 'output'),
        error: errorIn(answer),
      }),
      {
        add(chunk) {
          last = chunk;
          const given = looseList(chunk.choices);
          for (const [position, { index, text, finish_reason }] of given.entries()) {
            const at = typeof index === 'number' ? index : position;
            const choice = choices.get(at) ?? { text: '', finish_reason: null };
            choice.text += textOf(text) ?? '';
            choice.finish_reason = textOf(finish_reason) ?? choice.finish_reason;
            choices.set(at, choice);
          }
          return given.some(({ text }) => textOf(text) !== null);
        },
        answer: () => ({ ...last, choices: [...choices].sort(([a], [b]) => a - b).map(([, choice]) => choice) }),
      },
    );
  },
};

function responseReasons(answer: Loose): string[] {
  const reason = textOf(loose(answer.incomplete_details).reason);
  if (reason !== null) return [reason === 'max_output_tokens' ? 'length' : reason];
  if (answer.status !== 'completed') return [];
  return [looseList(answer.output).some(({ type }) => type === 'function_call') ? 'tool_calls' : 'stop'];
}

/** `POST /responses`. Its stream ends with the whole response; of one that was cut short, what was said so far is kept. */
export const openAiResponses: CallReader = {
  operation: 'chat',
  content: new Set([...common, 'input', 'instructions']),
  input: ({ model, input, instructions }) => contentOf({ model: model ?? '', input, instructions }, 'input'),
  userId,
  fold() {
    const items = new Map<unknown, Loose>();
    let whole: Loose = {};
    let said = '';
    return foldAssembled(
      (answer) => ({
        id: textOf(answer.id),
        model: textOf(answer.model),
        finishReasons: responseReasons(answer),
        output: contentOf(answer, 'output'),
        error: errorIn(answer),
      }),
      {
        add(event) {
          if (typeof event.response === 'object') whole = loose(event.response);
          if (event.type === 'error') whole = { ...whole, error: { message: event.message } };
          if (event.type === 'response.output_item.done') items.set(event.output_index, loose(event.item));
          if (event.type === 'response.output_text.delta') said += textOf(event.delta) ?? '';
          if (event.type === 'response.output_text.done') said = '';
          return textOf(event.delta) !== null;
        },
        answer() {
          if (looseList(whole.output).length > 0) return whole;
          const rest = said === '' ? [] : [{ type: 'message', role: 'assistant', content: said }];
          return { ...whole, object: 'response', output: [...items.values(), ...rest] };
        },
      },
    );
  },
};

const dimensionsOf = (embedding: unknown): number => {
  if (Array.isArray(embedding)) return embedding.length;
  // Base64 of 32-bit floats, which the client asks for.
  return typeof embedding === 'string' ? Math.floor((embedding.replace(/=+$/, '').length * 3) / 16) : 0;
};

/** `POST /embeddings`; of vectors the number and size are kept, for nobody reads the rest. */
export const openAiEmbeddings: CallReader = {
  operation: 'embeddings',
  content: new Set([...common, 'input']),
  input: ({ input }) => contentOf(input, 'input'),
  userId,
  fold: () =>
    foldAssembled(
      (answer) => {
        const data = looseList(answer.data);
        const sizes = { vectors: data.length, dimensions: dimensionsOf(data[0]?.embedding) };
        return {
          id: null,
          model: textOf(answer.model),
          finishReasons: [],
          output: data.length === 0 ? null : { type: 'json', value: sizes },
          error: errorIn(answer),
        };
      },
      { add: () => false, answer: () => ({}) },
    ),
};
