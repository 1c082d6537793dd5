import { aFrame, openAiFault, plainRequest } from '@wheelhouse/testing/dialects';
import { expect, it } from 'vitest';
import type { ModelAnswer } from '../../ports/index.ts';
import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { openAiResponses } from './codec.ts';
import { responseInput, responsesNamed, withConversation } from './conversation.ts';

const answer: ModelAnswer = {
  id: 'v',
  model: 'v',
  created: 0,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'text', text: 'Let me look.' },
        { type: 'toolCall', id: 'call_1', name: 'weather', arguments: '{}' },
      ],
      finishReason: 'toolCalls',
      stopSequence: null,
      logprobs: null,
    },
  ],
  usage: null,
  serviceTier: null,
};
const asked = { model: 'm', input: 'weather?' };
const response = openAiResponses.writeAnswer(answer, aFrame(plainRequest));
const turn = { input: responseInput(asked, String(response.id)), output: response.output as Json[] };
const result = { type: 'function_call_output', call_id: 'call_1', output: 'sun' };
const roles = (body: JsonObject) => openAiResponses.readRequest(body).messages.map(({ role }) => role);

it('continues a kept response with everything that was said before it', () => {
  const body = { model: 'm', previous_response_id: response.id ?? null, input: [result] };
  const whole = withConversation(body, { before: [turn], named: [] });
  expect(roles(whole)).toEqual(['user', 'assistant', 'tool']);
  expect([whole.previous_response_id, openAiFault('CreateResponse', whole)]).toEqual([undefined, null]);
});

it('puts the items of kept responses where a request only names them, as the AI SDK does', () => {
  const references = (turn.output as JsonObject[]).map(({ id }) => ({ type: 'item_reference', id: id ?? null }));
  const body = { model: 'm', input: [{ role: 'user', content: 'weather?' }, ...references, result] };
  expect(responsesNamed(body)).toEqual([response.id]);
  const whole = withConversation(body, { before: [], named: [turn] });
  expect(roles(whole)).toEqual(['user', 'assistant', 'tool']);
  expect((whole.input as Json[]).slice(1, 3)).toEqual(turn.output);
});

it('names the item that nobody has kept', () => {
  const body = { model: 'm', input: [{ type: 'item_reference', id: 'rs_68af' }] };
  expect(responsesNamed(body)).toEqual([]);
  const call = () => withConversation(body, { before: [], named: [] });
  expect(call).toThrow(WheelhouseError);
  expect(call).toThrow('rs_68af');
});

it('lists what was asked as items with ids, and leaves those that have one', () => {
  const items = responseInput(
    {
      input: [
        { role: 'user', content: 'a' },
        { id: 'fc_1', type: 'function_call' },
      ],
    },
    'resp_x',
  );
  expect(items.map((item) => (item as JsonObject).id)).toEqual(['msg_x_in0', 'fc_1']);
  expect(turn.input).toMatchObject([
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'weather?' }] },
  ]);
});
