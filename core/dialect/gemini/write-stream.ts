import type { ModelEvent } from '../../ports/index.ts';
import type { JsonObject, Usage } from '../../records/index.ts';
import { argumentsObject } from '../arguments.ts';
import type { AnswerFrame, StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { shownSignature } from '../signature.ts';
import { sseFrame } from '../sse.ts';
import { writeFinishReason, writeLogprobs, writeUsage } from './answer.ts';
import { writeGenerateError } from './failure.ts';

type Part = {
  kind: Extract<ModelEvent, { type: 'partStart' }>['kind'];
  id: string;
  name: string;
  text: string;
  hasEnded: boolean;
};

/** What of one candidate has come and not gone out yet. */
type Choice = {
  parts: Map<number, Part>;
  /** Calls that began and have not gone out, in their order, which is the order of their answers. */
  calls: Part[];
  signature: string | null;
};

const newChoice = (): Choice => ({ parts: new Map(), calls: [], signature: null });

/** A call goes out whole, when all of its arguments are there. */
function callPart({ id, name, text }: Part): JsonObject {
  return { functionCall: { id, name, args: argumentsObject({ arguments: text }) } };
}

/** Signatures of Gemini's own stand in the part after the thought without text that carries them. */
function withSignature(choice: Choice, part: JsonObject): JsonObject {
  const { signature } = choice;
  choice.signature = null;
  return signature === null ? part : { ...part, thoughtSignature: signature };
}

/** The calls that are whole, up to the first that is not. */
function endedCalls(choice: Choice): JsonObject[] {
  const { calls } = choice;
  const open = calls.findIndex(({ hasEnded }) => !hasEnded);
  return calls.splice(0, open === -1 ? calls.length : open).map((call) => withSignature(choice, callPart(call)));
}

type Content = { parts: JsonObject[]; logprobs?: JsonObject };
type PartEvent = Exclude<ModelEvent, { type: 'start' | 'usage' | 'error' | 'finish' }>;

/** What an event adds to its candidate's content; null when it adds nothing yet. */
function contentOf(event: PartEvent, choice: Choice): Content | null {
  if (event.type === 'partStart') {
    const { kind, id, name } = event;
    const part = { kind, id: id ?? '', name: name ?? '', text: '', hasEnded: false };
    choice.parts.set(event.part, part);
    if (kind === 'toolCall') choice.calls.push(part);
    return null;
  }
  const part = choice.parts.get(event.part);
  if (part === undefined) return null;
  if (event.type === 'signature') {
    const shown = shownSignature('gemini', event.signature ?? event.redacted);
    if (part.text === '') choice.signature = shown;
    return part.text === '' || shown === null
      ? null
      : { parts: [{ text: '', thought: true, thoughtSignature: shown }] };
  }
  if (event.type === 'partEnd') {
    part.hasEnded = true;
    const calls = endedCalls(choice);
    return calls.length === 0 ? null : { parts: calls };
  }
  part.text += part.kind === 'text' || part.kind === 'refusal' ? '' : event.text;
  if (part.kind === 'toolCall' || event.text === '') return null;
  if (part.kind === 'reasoning') return { parts: [{ text: event.text, thought: true }] };
  const logprobs = event.logprobs === undefined ? {} : { logprobs: writeLogprobs(event.logprobs) };
  return { parts: [withSignature(choice, { text: event.text })], ...logprobs };
}

/** Writes the chunks of `streamGenerateContent?alt=sse`. */
export function createGenerateWriter(frame: AnswerFrame): StreamWriter {
  const choices = new Map<number, Choice>();
  const endings = new Map<number, JsonObject>();
  let usage: Usage | null = null;
  let hasFailed = false;

  const chunk = (members: JsonObject): string =>
    sseFrame(JSON.stringify({ ...members, modelVersion: frame.model, responseId: frame.id }));

  function choiceOf(index: number): Choice {
    const choice = choices.get(index) ?? newChoice();
    choices.set(index, choice);
    return choice;
  }
  function ending(event: Extract<ModelEvent, { type: 'finish' }>): void {
    const index = event.choice;
    const choice = choiceOf(index);
    for (const call of choice.calls) call.hasEnded = true;
    const parts = endedCalls(choice);
    if (choice.signature !== null) parts.push(withSignature(choice, { text: '' }));
    const finishReason = writeFinishReason(event.reason);
    endings.set(index, { content: { role: 'model', parts }, finishReason, index });
  }

  return {
    write(event) {
      if (hasFailed || event.type === 'start') return '';
      if (event.type === 'error') {
        hasFailed = true;
        return sseFrame(JSON.stringify(writeGenerateError(failureError(event.failure))));
      }
      if (event.type === 'usage') usage = event.usage;
      else if (event.type === 'finish') ending(event);
      else {
        const content = contentOf(event, choiceOf(event.choice));
        if (content === null) return '';
        const { parts, logprobs } = content;
        const more = logprobs === undefined ? {} : { logprobsResult: logprobs };
        return chunk({ candidates: [{ content: { role: 'model', parts }, index: event.choice, ...more }] });
      }
      return '';
    },
    end() {
      // Without an ending the answer is not whole, and must not look so.
      if (hasFailed || endings.size === 0) return '';
      const told = usage === null ? {} : { usageMetadata: writeUsage(usage) };
      return chunk({ candidates: [...endings.values()], ...told });
    },
  };
}
