import type { ModelEvent } from '../../ports/index.ts';
import type { JsonObject, Usage } from '../../records/index.ts';
import type { StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { shownSignature } from '../signature.ts';
import { sseFrame } from '../sse.ts';
import { writeStopReason, writeUsage } from './answer.ts';
import { writeConverseErrorEvent } from './failure.ts';

const frameOf = (event: string, members: JsonObject): string => sseFrame(JSON.stringify(members), event);

type Finish = Extract<ModelEvent, { type: 'finish' }>;

/** What a delta says, by the kind of its part. */
function deltaOf(kind: string | undefined, text: string): JsonObject {
  if (kind === 'toolCall') return { toolUse: { input: text } };
  return kind === 'reasoning' ? { reasoningContent: { text } } : { text };
}

/** Writes the events of ConverseStream as server-sent events. */
export function createConverseWriter(): StreamWriter {
  const kinds = new Map<number, string>();
  let hasBegun = false;
  let hasFailed = false;
  let ending: Finish | null = null;
  let usage: Usage | null = null;

  function body(event: ModelEvent): string {
    if (event.type === 'partStart') {
      kinds.set(event.part, event.kind);
      if (event.kind !== 'toolCall') return '';
      const start = { toolUse: { toolUseId: event.id ?? '', name: event.name ?? '' } };
      return frameOf('contentBlockStart', { contentBlockIndex: event.part, start });
    }
    if (event.type === 'partDelta') {
      const delta = deltaOf(kinds.get(event.part), event.text);
      return event.text === '' ? '' : frameOf('contentBlockDelta', { contentBlockIndex: event.part, delta });
    }
    if (event.type === 'signature') {
      const redactedContent = shownSignature('anthropic', event.redacted);
      const signature = shownSignature('anthropic', event.signature);
      if (redactedContent === null && signature === null) return '';
      const reasoningContent = redactedContent === null ? { signature } : { redactedContent };
      return frameOf('contentBlockDelta', { contentBlockIndex: event.part, delta: { reasoningContent } });
    }
    if (event.type === 'partEnd') return frameOf('contentBlockStop', { contentBlockIndex: event.part });
    if (event.type === 'finish') ending = event;
    if (event.type === 'usage') usage = event.usage;
    return '';
  }

  return {
    write(event) {
      if (hasFailed) return '';
      if (event.type === 'error') {
        hasFailed = true;
        return writeConverseErrorEvent(failureError(event.failure));
      }
      if ('choice' in event && event.choice !== 0) return '';
      const begin = hasBegun ? '' : frameOf('messageStart', { role: 'assistant' });
      hasBegun = true;
      return begin + body(event);
    },
    end() {
      // Without an ending the answer is not whole, and must not look so.
      if (ending === null || hasFailed) return '';
      const stopReason = writeStopReason(ending.reason, ending.stopSequence);
      const metadata = frameOf('metadata', { usage: writeUsage(usage), metrics: { latencyMs: 0 } });
      return frameOf('messageStop', { stopReason }) + metadata;
    },
  };
}
