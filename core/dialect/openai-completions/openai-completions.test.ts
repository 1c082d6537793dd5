import { aFrame, openAiFault, plainRequest } from '@wheelhouse/testing/dialects';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../records/index.ts';
import { WheelhouseError } from '../../records/index.ts';
import { readSseEvents } from '../sse.ts';
import { openAiCompletions } from './codec.ts';

const anything = { refuses: [], needsMaxTokens: null };
const ask = (members: JsonObject) => openAiCompletions.readRequest({ model: 'm', prompt: 'Once', ...members });

function refusal(call: () => unknown): string | null {
  try {
    call();
  } catch (error) {
    if (error instanceof WheelhouseError) return `${error.code} ${error.param}`;
    throw error;
  }
  return null;
}

it('asks for a text that goes on, with as many tokens as this dialect gives unasked', () => {
  const read = ask({ prompt: ['Once'], best_of: 1, echo: false, suffix: '', stop: 'end', logprobs: 2 });
  expect([read.messages, read.maxTokens, read.stop, read.logprobs, read.extra]).toEqual([
    [{ role: 'user', parts: [{ type: 'text', text: 'Once' }] }],
    16,
    ['end'],
    2,
    {},
  ]);
  const body = openAiCompletions.writeRequest(read, anything);
  expect(body).toEqual({ model: 'm', prompt: 'Once', max_tokens: 16, stop: ['end'], logprobs: 2 });
  expect(openAiFault('CreateCompletionRequest', body)).toBeNull();
});

it('refuses by name what no conversation can say, and what is one', () => {
  expect(refusal(() => ask({ prompt: ['a', 'b'] }))).toBe('unsupported_by_model prompt');
  expect(refusal(() => ask({ prompt: [1, 2] }))).toBe('unsupported_by_model prompt');
  expect(refusal(() => ask({ prompt: null }))).toBe('invalid_request prompt');
  expect(ask({ echo: true, suffix: 'x', best_of: 3 }).extra).toEqual({ echo: true, suffix: 'x', best_of: 3 });
  const messages = [...plainRequest.messages, ...plainRequest.messages];
  expect(refusal(() => openAiCompletions.writeRequest({ ...plainRequest, messages }, anything))).toBe(
    'unsupported_by_model messages',
  );
});

const logprobs = {
  tokens: ['Hel', 'lo'],
  token_logprobs: [-0.1, -0.2],
  top_logprobs: [{ Hel: -0.1, Ha: -2 }, { lo: -0.2 }],
  text_offset: [0, 3],
};

it('keeps the probabilities of tokens, in columns here and one by one elsewhere', () => {
  const choice = { text: 'Hello', index: 0, finish_reason: 'length', logprobs };
  const answer = openAiCompletions.readAnswer({ id: 'cmpl', created: 1, model: 'm', choices: [choice] });
  expect(answer.choices[0]?.logprobs?.[0]).toEqual({
    token: 'Hel',
    logprob: -0.1,
    bytes: null,
    top_logprobs: [
      { token: 'Hel', logprob: -0.1, bytes: null },
      { token: 'Ha', logprob: -2, bytes: null },
    ],
  });
  const { choices } = openAiCompletions.writeAnswer(answer, aFrame(plainRequest));
  expect(choices).toEqual([choice]);
});

it('counts the places of tokens through the pieces of a stream', () => {
  const writer = openAiCompletions.createWriter(aFrame(plainRequest));
  const piece = (text: string) =>
    writer.write({
      type: 'partDelta',
      choice: 0,
      part: 0,
      text,
      logprobs: [{ token: text, logprob: -1, bytes: null, top_logprobs: [] }],
    });
  writer.write({ type: 'partStart', choice: 0, part: 0, kind: 'text', id: null, name: null });
  const wire = readSseEvents(new TextEncoder().encode(piece('Hel') + piece('lo')));
  expect(wire.map(({ data }) => JSON.parse(data).choices[0].logprobs.text_offset)).toEqual([[0], [3]]);
});
