import type { ModelEvent } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { readBedrockUsage } from '../../trace/index.ts';
import type { StreamReader, WireEvent } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import { markSignature } from '../signature.ts';
import { readStopReason, textOf, tierOf } from './answer.ts';
import { isException, readConverseFailure } from './failure.ts';

type Kind = 'text' | 'reasoning' | 'toolCall';
type Block = { part: number; kind: Kind; isEmpty: boolean };

/** Its name and its members; an event that has no name has its members within the one that is its name. */
function namedEvent({ event, data }: WireEvent): [name: string, json: JsonObject] {
  const json = parseEvent(data) ?? {};
  if (event !== null) return [event, json];
  const [name = ''] = Object.keys(json);
  const inner = json[name];
  return [name, isJsonObject(inner) ? inner : {}];
}

/** Reads the events of ConverseStream, which come as server-sent events named like those of AWS's own stream. */
export function createConverseReader(): StreamReader {
  const blocks = new Map<Json, Block>();
  let parts = 0;

  /** Only calls of tools announce themselves; text and reasoning begin with their first piece. */
  function open(index: Json, kind: Kind, call: JsonObject): { block: Block; events: ModelEvent[] } {
    const known = blocks.get(index);
    if (known !== undefined) return { block: known, events: [] };
    const block = { part: parts++, kind, isEmpty: true };
    blocks.set(index, block);
    const [id, name] = kind === 'toolCall' ? [textOf(call.toolUseId), textOf(call.name)] : [null, null];
    return { block, events: [{ type: 'partStart', choice: 0, part: block.part, kind, id, name }] };
  }

  function piece(index: Json, kind: Kind, text: Json | undefined): ModelEvent[] {
    const { block, events } = open(index, kind, {});
    const given = textOf(text);
    if (given === '') return events;
    block.isEmpty = false;
    return [...events, { type: 'partDelta', choice: 0, part: block.part, text: given }];
  }

  function delta(index: Json, given: JsonObject): ModelEvent[] {
    if (typeof given.text === 'string') return piece(index, 'text', given.text);
    if (isJsonObject(given.toolUse)) return piece(index, 'toolCall', given.toolUse.input);
    if (!isJsonObject(given.reasoningContent)) return [];
    const { text, signature, redactedContent } = given.reasoningContent;
    if (typeof text === 'string') return piece(index, 'reasoning', text);
    const { block, events } = open(index, 'reasoning', {});
    const signed = markSignature('anthropic', textOf(signature));
    const redacted = markSignature('anthropic', textOf(redactedContent));
    return [...events, { type: 'signature', choice: 0, part: block.part, signature: signed, redacted }];
  }

  function stop(index: Json): ModelEvent[] {
    const block = blocks.get(index);
    if (block === undefined) return [];
    blocks.delete(index);
    const { part } = block;
    const empty: ModelEvent[] =
      block.kind === 'toolCall' && block.isEmpty ? [{ type: 'partDelta', choice: 0, part, text: '{}' }] : [];
    return [...empty, { type: 'partEnd', choice: 0, part }];
  }

  function finish(json: JsonObject): ModelEvent[] {
    const closed = [...blocks.keys()].flatMap(stop);
    const reason = readStopReason(json.stopReason) ?? 'stop';
    return [...closed, { type: 'finish', choice: 0, reason, stopSequence: null }];
  }

  const usageEvents = (usage: Usage | null, json: JsonObject): ModelEvent[] =>
    usage === null ? [] : [{ type: 'usage', usage, serviceTier: tierOf(json) }];

  return {
    read(wire) {
      const [name, json] = namedEvent(wire);
      const index = json.contentBlockIndex ?? 0;
      switch (name) {
        case 'messageStart':
          return [{ type: 'start', id: '', model: '', created: 0, usage: null }];
        case 'contentBlockStart': {
          const call = isJsonObject(json.start) && isJsonObject(json.start.toolUse) ? json.start.toolUse : null;
          return call === null ? [] : open(index, 'toolCall', call).events;
        }
        case 'contentBlockDelta':
          return isJsonObject(json.delta) ? delta(index, json.delta) : [];
        case 'contentBlockStop':
          return stop(index);
        case 'messageStop':
          return finish(json);
        case 'metadata':
          return usageEvents(readBedrockUsage(json.usage), json);
        default:
          return isException(name)
            ? [{ type: 'error', failure: readConverseFailure(200, { ...json, __type: name }) }]
            : [];
      }
    },
    end: () => [...blocks.keys()].flatMap(stop),
  };
}
