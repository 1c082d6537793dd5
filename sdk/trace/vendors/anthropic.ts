import { type CallReader, contentOf, errorIn, foldAssembled, type Loose, loose, textOf } from './call-reader.ts';

/** A content block, and the JSON of its input as far as it came. */
type Block = { block: Loose; json: string };

function addDelta(draft: Block, delta: Loose): void {
  const grow = (name: string) => {
    draft.block[name] = `${textOf(draft.block[name]) ?? ''}${textOf(delta[name]) ?? ''}`;
  };
  if (delta.type === 'text_delta') grow('text');
  if (delta.type === 'thinking_delta') grow('thinking');
  if (delta.type === 'input_json_delta') draft.json += textOf(delta.partial_json) ?? '';
}

function blockOf({ block, json }: Block): Loose {
  if (json === '') return block;
  try {
    return { ...block, input: JSON.parse(json) };
  } catch {
    // Cut short: what there is of it is better than nothing.
    return { ...block, input: json };
  }
}

/** `POST /v1/messages` (Anthropic API 2023-06-01 and 2026-10-21). */
export const anthropicMessages: CallReader = {
  operation: 'chat',
  content: new Set(['model', 'messages', 'system', 'tools', 'metadata']),
  input: ({ messages, system }) => contentOf({ messages, system }, 'input'),
  userId: ({ metadata }) => textOf(loose(metadata).user_id),
  fold() {
    const blocks = new Map<unknown, Block>();
    let message: Loose = {};
    return foldAssembled(
      (answer) => ({
        id: textOf(answer.id),
        model: textOf(answer.model),
        finishReasons: [textOf(answer.stop_reason) ?? []].flat(),
        output: contentOf({ role: 'assistant', content: answer.content }, 'output'),
        error: errorIn(answer),
      }),
      {
        add(event) {
          const delta = loose(event.delta);
          if (event.type === 'message_start') message = { ...loose(event.message) };
          if (event.type === 'message_delta') message.stop_reason = delta.stop_reason ?? message.stop_reason;
          if (event.type === 'content_block_start')
            blocks.set(event.index, { block: { ...loose(event.content_block) }, json: '' });
          if (event.type !== 'content_block_delta') return false;
          const draft = blocks.get(event.index) ?? { block: {}, json: '' };
          blocks.set(event.index, draft);
          addDelta(draft, delta);
          return true;
        },
        answer: () => ({ ...message, content: [...blocks.values()].map(blockOf) }),
      },
    );
  },
};
