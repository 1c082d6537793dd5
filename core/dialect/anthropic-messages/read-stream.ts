import type { ModelEvent } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { mergeAnthropicUsage, readAnthropicUsage } from '../../trace/index.ts';
import { argumentsText } from '../arguments.ts';
import type { StreamReader, WireEvent } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import { markSignature } from '../signature.ts';
import { readStopReason, tierOf } from './answer.ts';
import { readMessagesFailure } from './failure.ts';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

type Block = { part: number; isCall: boolean; hasArguments: boolean };

/** How a block begins, in the normal form; none for blocks of tools that run at Anthropic. */
function startOf(block: JsonObject, part: number): ModelEvent[] {
  const start = (kind: 'text' | 'reasoning' | 'toolCall'): ModelEvent => {
    const called = kind === 'toolCall';
    const [id, name] = called ? [textOf(block.id), textOf(block.name)] : [null, null];
    return { type: 'partStart', choice: 0, part, kind, id, name };
  };
  const delta = (text: string): ModelEvent[] => (text === '' ? [] : [{ type: 'partDelta', choice: 0, part, text }]);
  if (block.type === 'text') return [start('text'), ...delta(textOf(block.text))];
  if (block.type === 'thinking') return [start('reasoning'), ...delta(textOf(block.thinking))];
  if (block.type === 'redacted_thinking') {
    const redacted = markSignature('anthropic', textOf(block.data));
    return [start('reasoning'), { type: 'signature', choice: 0, part, signature: null, redacted }];
  }
  if (block.type !== 'tool_use') return [];
  const known = isJsonObject(block.input) && Object.keys(block.input).length > 0;
  return [start('toolCall'), ...delta(known ? argumentsText(block.input) : '')];
}

/** Reads the events of Anthropic's streams; usage comes in two halves, with the start and with the end. */
export function createMessagesReader(): StreamReader {
  const blocks = new Map<Json, Block>();
  let parts = 0;
  let usage: JsonObject = {};
  let told = false;

  function stop(index: Json | undefined): ModelEvent[] {
    const block = blocks.get(index ?? null);
    if (block === undefined) return [];
    blocks.delete(index ?? null);
    const { part } = block;
    const empty: ModelEvent[] =
      block.isCall && !block.hasArguments ? [{ type: 'partDelta', choice: 0, part, text: '{}' }] : [];
    return [...empty, { type: 'partEnd', choice: 0, part }];
  }

  function usageEvent(): ModelEvent[] {
    const whole = readAnthropicUsage(usage);
    if (whole === null || told) return [];
    told = true;
    return [{ type: 'usage', usage: whole, serviceTier: tierOf(usage) }];
  }

  function delta(json: JsonObject): ModelEvent[] {
    const block = blocks.get(json.index ?? null);
    if (block === undefined || !isJsonObject(json.delta)) return [];
    const { part } = block;
    const given = json.delta;
    if (given.type === 'signature_delta') {
      const signature = markSignature('anthropic', textOf(given.signature));
      return [{ type: 'signature', choice: 0, part, signature, redacted: null }];
    }
    const text = textOf(given.text ?? given.thinking ?? given.partial_json);
    if (text === '') return [];
    block.hasArguments = true;
    return [{ type: 'partDelta', choice: 0, part, text }];
  }

  function start(json: JsonObject): ModelEvent[] {
    const message = isJsonObject(json.message) ? json.message : {};
    usage = mergeAnthropicUsage(usage, message.usage);
    const [id, model] = [textOf(message.id), textOf(message.model)];
    return [{ type: 'start', id, model, created: 0, usage: readAnthropicUsage(usage) }];
  }

  function readJson(json: JsonObject): ModelEvent[] {
    switch (json.type) {
      case 'message_start':
        return start(json);
      case 'content_block_start': {
        if (!isJsonObject(json.content_block)) return [];
        const events = startOf(json.content_block, parts);
        if (events.length === 0) return [];
        const isCall = json.content_block.type === 'tool_use';
        blocks.set(json.index ?? null, { part: parts++, isCall, hasArguments: events.length > 1 });
        return events;
      }
      case 'content_block_delta':
        return delta(json);
      case 'content_block_stop':
        return stop(json.index);
      case 'message_delta': {
        usage = mergeAnthropicUsage(usage, json.usage);
        told = false;
        const given = isJsonObject(json.delta) ? json.delta : {};
        const reason = readStopReason(given.stop_reason);
        if (reason === null) return [];
        return [
          { type: 'finish', choice: 0, reason, stopSequence: textOf(given.stop_sequence) || null },
          ...usageEvent(),
        ];
      }
      case 'error':
        return [{ type: 'error', failure: readMessagesFailure(200, json) }];
      default:
        return [];
    }
  }

  return {
    read: ({ data }: WireEvent) => readJson(parseEvent(data) ?? {}),
    end: () => [...[...blocks.keys()].flatMap(stop), ...usageEvent()],
  };
}
