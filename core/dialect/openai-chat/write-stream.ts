import type { ModelEvent } from '../../ports/index.ts';
import type { JsonObject, Usage } from '../../records/index.ts';
import type { AnswerFrame, StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { writeOpenAiErrorEvent } from '../openai-error.ts';
import { sseFrame } from '../sse.ts';
import { chatIdOf, tierOf, writeFinish } from './answer.ts';
import { writeChatUsage } from './usage.ts';

type Part = {
  kind: Extract<ModelEvent, { type: 'partStart' }>['kind'];
  /** Of a tool call: its place among those of its choice. */
  call: number;
  isEmpty: boolean;
};

type Choice = { parts: Map<number, Part>; calls: number; details: number };

const members = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const;

/** Writes a stream of `chat.completion.chunk`. */
export function createChatWriter(frame: AnswerFrame): StreamWriter {
  const choices = new Map<number, Choice>();
  let created = frame.created;
  let usage: Usage | null = null;
  let tier: JsonObject = {};
  let failed = false;

  const chunk = (listed: JsonObject[], told: JsonObject = {}): string =>
    sseFrame(
      JSON.stringify({
        id: chatIdOf(frame),
        object: 'chat.completion.chunk',
        created,
        model: frame.model,
        ...tier,
        choices: listed,
        ...(frame.includeUsage ? { usage: null, ...told } : {}),
      }),
    );
  const delta = (index: number, value: JsonObject, logprobs?: JsonObject[]): string =>
    chunk([
      { index, delta: value, logprobs: logprobs ? { content: logprobs, refusal: null } : null, finish_reason: null },
    ]);
  const call = (choice: number, { call: index }: Part, callee: JsonObject): string =>
    delta(choice, { tool_calls: [{ index, ...callee }] });

  /** The first chunk of a choice says who speaks. */
  function open(index: number): { choice: Choice; text: string } {
    const known = choices.get(index);
    if (known) return { choice: known, text: '' };
    const choice = { parts: new Map<number, Part>(), calls: 0, details: 0 };
    choices.set(index, choice);
    return { choice, text: delta(index, { role: 'assistant', content: '', refusal: null }) };
  }

  function start(event: Extract<ModelEvent, { type: 'partStart' }>): string {
    const { choice, text } = open(event.choice);
    const part = { kind: event.kind, call: event.kind === 'toolCall' ? choice.calls++ : -1, isEmpty: true };
    choice.parts.set(event.part, part);
    if (event.kind !== 'toolCall') return text;
    const callee = { name: event.name ?? '', arguments: '' };
    return text + call(event.choice, part, { id: event.id ?? '', type: 'function', function: callee });
  }

  function grow({ choice, part: number, text, logprobs }: Extract<ModelEvent, { type: 'partDelta' }>): string {
    const part = choices.get(choice)?.parts.get(number);
    if (part === undefined || (text === '' && logprobs === undefined)) return '';
    part.isEmpty = false;
    if (part.kind === 'toolCall') return call(choice, part, { function: { arguments: text } });
    return delta(choice, { [members[part.kind]]: text }, logprobs);
  }

  function sign({ choice, signature, redacted }: Extract<ModelEvent, { type: 'signature' }>): string {
    const known = choices.get(choice);
    if (known === undefined) return '';
    const index = known.details++;
    const detail =
      redacted !== null
        ? { type: 'reasoning.encrypted', data: redacted, index }
        : { type: 'reasoning.text', signature, index };
    return delta(choice, { reasoning_details: [detail] });
  }

  function end({ choice, part: number }: Extract<ModelEvent, { type: 'partEnd' }>): string {
    const part = choices.get(choice)?.parts.get(number);
    // Clients parse what they were given.
    return part?.kind === 'toolCall' && part.isEmpty ? call(choice, part, { function: { arguments: '{}' } }) : '';
  }

  return {
    write(event) {
      if (event.type === 'partDelta') return grow(event);
      if (event.type === 'partStart') return start(event);
      if (event.type === 'partEnd') return end(event);
      if (event.type === 'signature') return sign(event);
      if (event.type === 'start') {
        created = event.created || frame.created;
        usage = event.usage ?? usage;
        return open(0).text;
      }
      if (event.type === 'usage') {
        usage = event.usage;
        tier = tierOf(event.serviceTier);
        return '';
      }
      if (event.type === 'error') {
        failed = true;
        return writeOpenAiErrorEvent(failureError(event.failure));
      }
      const { text } = open(event.choice);
      const finish = { index: event.choice, delta: {}, logprobs: null, finish_reason: writeFinish(event.reason) };
      return text + chunk([finish]);
    },
    end() {
      if (failed) return '';
      const told = frame.includeUsage && usage !== null ? chunk([], { usage: writeChatUsage(usage) }) : '';
      return `${told}data: [DONE]\n\n`;
    },
  };
}
