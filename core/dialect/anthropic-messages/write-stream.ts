import type { ModelEvent } from '../../ports/index.ts';
import type { JsonObject, Usage } from '../../records/index.ts';
import type { AnswerFrame, StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { shownSignature } from '../signature.ts';
import { sseFrame } from '../sse.ts';
import { type Ending, toolUse, writeEnding, writeMessageUsage, writeUsage } from './answer.ts';
import { writeMessagesError } from './failure.ts';

type Start = Extract<ModelEvent, { type: 'partStart' }>;
type Signature = Extract<ModelEvent, { type: 'signature' }>;
type Part = {
  kind: Start['kind'];
  id: string;
  name: string;
  /** Frames that wait for the parts before it. */
  waiting: ((part: Part) => string)[];
  isOpen: boolean;
  hasEnded: boolean;
};

const frameOf = (type: string, members: JsonObject): string => sseFrame(JSON.stringify({ type, ...members }), type);

/**
 * Blocks of Anthropic's streams follow one another, while parts of other vendors' may grow side by side: a part whose turn
 * has not come waits. Text gives way to what begins after it and goes on in a block of its own.
 */
function createBlocks() {
  const parts = new Map<number, Part>();
  /** Parts that have not ended, in the order in which they began; the first is the one that is written. */
  const line: Part[] = [];
  let index = -1;

  function open(part: Part, block: JsonObject): string {
    part.isOpen = true;
    index++;
    return frameOf('content_block_start', { index, content_block: block });
  }
  function opened(part: Part): string {
    if (part.isOpen) return '';
    if (part.kind === 'toolCall') return open(part, toolUse(part.id, part.name, {}));
    if (part.kind === 'reasoning') return open(part, { type: 'thinking', thinking: '', signature: '' });
    return open(part, { type: 'text', text: '' });
  }
  function close(part: Part): string {
    if (!part.isOpen) return '';
    part.isOpen = false;
    return frameOf('content_block_stop', { index });
  }
  function delta(part: Part, text: string): string {
    const given =
      part.kind === 'toolCall'
        ? { type: 'input_json_delta', partial_json: text }
        : part.kind === 'reasoning'
          ? { type: 'thinking_delta', thinking: text }
          : { type: 'text_delta', text };
    return opened(part) + frameOf('content_block_delta', { index, delta: given });
  }
  function sign(part: Part, { signature, redacted }: Signature): string {
    const data = shownSignature('anthropic', redacted);
    if (data !== null) return close(part) + open(part, { type: 'redacted_thinking', data });
    const shown = shownSignature('anthropic', signature);
    if (shown === null) return '';
    const given = { type: 'signature_delta', signature: shown };
    return opened(part) + frameOf('content_block_delta', { index, delta: given });
  }

  /** Writes what the first in line has waiting, and goes on to the next where it has ended. */
  function advance(): string {
    let text = '';
    for (let part = line[0]; part !== undefined; part = line[0]) {
      for (const frame of part.waiting.splice(0)) text += frame(part);
      if (!part.hasEnded) {
        if (part.kind === 'toolCall') text += opened(part);
        return text;
      }
      text += (part.kind === 'toolCall' ? opened(part) : '') + close(part);
      line.shift();
    }
    return text;
  }
  function enter(part: Part): string {
    const [first] = line;
    const givesWay = first !== undefined && first.kind !== 'toolCall';
    const closed = givesWay ? close(first) : '';
    if (givesWay) line.shift();
    line.push(part);
    return closed;
  }
  function add(number: number, frame: (part: Part) => string): string {
    const part = parts.get(number);
    if (part === undefined) return '';
    if (line[0] === part && part.waiting.length === 0) return frame(part);
    const closed = line.includes(part) ? '' : enter(part);
    part.waiting.push(frame);
    return closed + advance();
  }

  return {
    start({ part: number, kind, id, name }: Start): string {
      const part = { kind, id: id ?? '', name: name ?? '', waiting: [], isOpen: false, hasEnded: false };
      parts.set(number, part);
      return enter(part) + advance();
    },
    delta: (number: number, text: string): string => (text === '' ? '' : add(number, (part) => delta(part, text))),
    sign: (event: Signature): string => add(event.part, (part) => sign(part, event)),
    end(number: number): string {
      const part = parts.get(number);
      if (part === undefined) return '';
      part.hasEnded = true;
      return advance();
    },
    endAll(): string {
      for (const part of line) part.hasEnded = true;
      return advance();
    },
  };
}

/** Writes the events of Anthropic's streams. */
export function createMessagesWriter(frame: AnswerFrame): StreamWriter {
  const blocks = createBlocks();
  let hasBegun = false;
  let hasFailed = false;
  let ending: Ending | null = null;
  let usage: Usage | null = null;

  function begin(early: Usage | null, serviceTier: string | null): string {
    if (hasBegun) return '';
    hasBegun = true;
    usage = early;
    const message: JsonObject = {
      id: `msg_${frame.id}`,
      type: 'message',
      role: 'assistant',
      model: frame.model,
      content: [],
      ...writeEnding({ reason: null, stopSequence: null }),
      diagnostics: null,
      usage: writeMessageUsage(early, serviceTier),
    };
    return frameOf('message_start', { message });
  }

  function body(event: ModelEvent): string {
    switch (event.type) {
      case 'partStart':
        return blocks.start(event);
      case 'partDelta':
        return blocks.delta(event.part, event.text);
      case 'signature':
        return blocks.sign(event);
      case 'partEnd':
        return blocks.end(event.part);
      case 'finish':
        ending = { reason: event.reason, stopSequence: event.stopSequence };
        return blocks.endAll();
      case 'usage':
        usage = event.usage;
        return '';
      default:
        return '';
    }
  }

  return {
    write(event) {
      if (hasFailed) return '';
      if (event.type === 'error') {
        hasFailed = true;
        return frameOf('error', writeMessagesError(failureError(event.failure), frame.id));
      }
      if (event.type === 'start') return begin(event.usage, null);
      if ('choice' in event && event.choice !== 0) return '';
      return begin(null, null) + body(event);
    },
    end() {
      // Without an ending the answer is not whole, and must not look so.
      if (ending === null || hasFailed) return '';
      const { cache_creation: _, ...counts } = writeUsage(usage);
      const last = frameOf('message_delta', { delta: writeEnding(ending), usage: counts });
      return blocks.endAll() + last + frameOf('message_stop', {});
    },
  };
}
