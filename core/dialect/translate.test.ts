import { readdirSync, readFileSync } from 'node:fs';
import { aFrame, openAiFault, plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import { type Dialect, dialects, type ModelRequest } from '../ports/index.ts';
import { isJsonObject, type JsonObject } from '../records/index.ts';
import { codecOf } from './registry.ts';
import { readSseEvents } from './sse.ts';
import { createStreamTranslation, translateAnswer } from './translate.ts';

const frame = aFrame(plainRequest);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const chunk = (delta: JsonObject, finish: string | null = null): Uint8Array =>
  bytesOf(`data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
const failed = bytesOf('data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n');

describe.each(dialects.map((to) => ({ to })))('a stream of chat completions for a caller of $to', ({ to }) => {
  const open = () => createStreamTranslation({ from: 'openai-chat', to, frame });
  const ends = (text: string) => readSseEvents(bytesOf(text)).some((event) => codecOf(to).watch.isComplete(event));
  const failures = (text: string) =>
    readSseEvents(bytesOf(text)).flatMap((event) => codecOf(to).watch.failure(event) ?? []);

  it('has not begun while a vendor only clears its throat, and then fails', () => {
    const translation = open();
    translation.push(chunk({ role: 'assistant', content: '' }));
    expect([translation.begun(), translation.failure()]).toEqual([false, null]);
    translation.push(failed);
    expect([translation.begun(), translation.complete(), translation.failure()?.kind]).toEqual([
      false,
      false,
      'overloaded',
    ]);
  });

  it('ends with the failure that came after content, in words that its caller knows, and with nothing after', () => {
    const translation = open();
    const before = translation.push(chunk({ content: 'Hel' }));
    const text = translation.push(failed) + translation.push(chunk({ content: 'lo' }, 'stop')) + translation.end();
    expect(translation.begun()).toBe(true);
    expect([before.includes('Hel'), text.includes('lo"'), ends(text)]).toEqual([true, false, false]);
    expect(failures(text)).toHaveLength(to === 'openai-responses' ? 2 : 1);
    expect(text).toContain('Overloaded');
  });

  it('does not end well when the vendor leaves before its answer is complete', () => {
    const translation = open();
    const text = translation.push(chunk({ content: 'Hel' })) + translation.end();
    expect([translation.complete(), ends(text)]).toEqual([false, false]);
    const cut = translation.fail({ kind: 'cut', message: 'The provider left.', code: null });
    expect(failures(cut).map(({ message }) => message)).toContain('The provider left.');
  });

  it('is complete without [DONE]', () => {
    const translation = open();
    const text =
      translation.push(chunk({ content: 'Hello' })) + translation.push(chunk({}, 'stop')) + translation.end();
    expect([translation.complete(), translation.failure(), ends(text)]).toEqual([true, null, true]);
  });
});

it('translates an answer and gives it the name that the caller used', () => {
  const body = { id: 'msg_1', model: 'claude', content: [{ type: 'text', text: 'hi' }], stop_reason: 'max_tokens' };
  expect(translateAnswer(body, { from: 'anthropic-messages', to: 'openai-chat', frame })).toMatchObject({
    id: 'chatcmpl-0123abcd',
    model: 'our-model',
    created: 1_800_000_000,
    choices: [{ message: { content: 'hi' }, finish_reason: 'length' }],
  });
});

const folder = new URL('../../testing/fixtures/clients/', import.meta.url);
const paths: Record<string, { dialect: Dialect; schema: string | null }> = {
  '/v1/chat/completions': { dialect: 'openai-chat', schema: 'CreateChatCompletionRequest' },
  '/v1/responses': { dialect: 'openai-responses', schema: 'CreateResponse' },
  '/v1/messages': { dialect: 'anthropic-messages', schema: null },
};
const captured = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { url, body } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as JsonObject;
    const found = paths[String(url)];
    return found && isJsonObject(body) ? [{ name, body, ...found }] : [];
  });

it.each(captured)('what a real client sends, $name, reaches every kind of model', ({ dialect, body, schema }) => {
  if (schema !== null) expect(openAiFault(schema, body)).toBeNull();
  const read = codecOf(dialect).readRequest(body);
  // JSON without a schema is refused where a vendor knows none: not what is looked at here.
  const request: ModelRequest = read.output.type === 'json' ? { ...read, output: { type: 'text' } } : read;
  for (const to of dialects.filter((other) => other !== 'openai-completions')) {
    const written = codecOf(to).writeRequest({ ...request, model: 'm' }, { refuses: [], needsMaxTokens: 4096 });
    const again = codecOf(to).readRequest({ model: 'm', ...written });
    expect(again.messages.map(({ role }) => role)).toEqual(request.messages.map(({ role }) => role));
    expect(again.tools.map(({ name }) => name)).toEqual(request.tools.map(({ name }) => name));
  }
});
