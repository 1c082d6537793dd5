import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageEvent, sortEvents, withMessageEvents } from './message-events.ts';
import type { Message, Span, SpanEvent } from './span.ts';

const span = (more: Partial<Span>): Span => ({ input: null, output: null, events: [], ...more }) as Span;
const say = (role: string, content: string): Message => ({ role, parts: [{ type: 'text', content }] });
const event = (timeNs: bigint, message: Message, place = 0, side: 'input' | 'output' = 'input'): SpanEvent =>
  messageEvent({ name: 'gen_ai.message', timeNs, attributes: {} }, { side, place, message });
const messages = (...all: Message[]) => ({ type: 'messages' as const, messages: all });

describe('withMessageEvents', () => {
  it('makes the conversation of messages that came one by one, in any order', () => {
    const all = [
      event(1n, say('system', 'be brief')),
      event(1n, say('user', 'a question')),
      event(2n, say('assistant', 'an answer')),
      event(3n, say('user', 'another'), 0),
      event(3n, say('user', 'another'), 1),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (events) => {
        expect(withMessageEvents(span({ events })).input).toEqual(
          messages(
            say('system', 'be brief'),
            say('user', 'a question'),
            say('assistant', 'an answer'),
            say('user', 'another'),
            say('user', 'another'),
          ),
        );
      }),
    );
  });

  it('keeps what a fragment gave whole when the events say no more', () => {
    const input = messages(say('system', 'be brief'), say('user', 'a question'));
    const events = [event(1n, say('user', 'a question'))];
    expect(withMessageEvents(span({ input, events })).input).toBe(input);
    expect(withMessageEvents(span({ input: messages(say('user', 'a question')), events })).input).toMatchObject(
      input.messages[1] ? messages(input.messages[1]) : {},
    );
    const more = [event(1n, say('system', 'be brief')), ...events];
    expect(withMessageEvents(span({ input: messages(say('user', 'a question')), events: more })).input).toEqual(input);
    const json = { type: 'json' as const, value: 1 };
    expect(
      withMessageEvents(span({ output: json, events: [event(1n, say('assistant', 'x'), 0, 'output')] })).output,
    ).toBe(json);
  });

  it('is not moved by events that only look like messages', () => {
    const attributes = [
      null,
      1,
      { side: 'input' },
      { side: 'input', message: 1 },
      { side: 'input', message: { role: 1 } },
    ];
    const events = attributes.map(
      (given): SpanEvent => ({ name: 'x', timeNs: 1n, attributes: { 'wheelhouse.message': given } }),
    );
    expect(withMessageEvents(span({ events })).input).toBeNull();
  });
});

describe('sortEvents', () => {
  it('gives equal sets one order', () => {
    const events = [event(2n, say('user', 'b')), event(1n, say('user', 'c')), event(1n, say('user', 'a'))];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: 3 }), (given) => {
        expect(sortEvents(given)).toEqual(sortEvents(events));
      }),
    );
  });
});
