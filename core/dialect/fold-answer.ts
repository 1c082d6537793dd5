import type { ModelAnswer, ModelChoice, ModelEvent, ModelPart, VendorFailure } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';

export type AnswerFold = {
  add(event: ModelEvent): void;
  /** The answer as far as it came. */
  result(): ModelAnswer;
  failure(): VendorFailure | null;
};

type Draft = Omit<ModelChoice, 'parts'> & { parts: Map<number, ModelPart> };

function newPart({ kind, id, name }: Extract<ModelEvent, { type: 'partStart' }>): ModelPart {
  if (kind === 'toolCall') return { type: 'toolCall', id: id ?? '', name: name ?? '', arguments: '' };
  if (kind === 'reasoning') return { type: 'reasoning', text: '', signature: null, redacted: null };
  return { type: kind, text: '' };
}

function grow(part: ModelPart | undefined, text: string): void {
  if (part?.type === 'toolCall') part.arguments += text;
  else if (part?.type === 'text' || part?.type === 'reasoning' || part?.type === 'refusal') part.text += text;
}

/** Puts the events of a stream together to the answer that they tell. */
export function createAnswerFold(): AnswerFold {
  const choices = new Map<number, Draft>();
  const answer: ModelAnswer = { id: '', model: '', created: 0, choices: [], usage: null, serviceTier: null };
  let failure: VendorFailure | null = null;

  function choiceOf(index: number): Draft {
    const known = choices.get(index);
    if (known) return known;
    const draft = { index, parts: new Map(), finishReason: null, stopSequence: null, logprobs: null };
    choices.set(index, draft);
    return draft;
  }
  function addLogprobs(choice: Draft, logprobs: JsonObject[] | undefined): void {
    if (logprobs === undefined) return;
    choice.logprobs ??= [];
    choice.logprobs.push(...logprobs);
  }

  return {
    add(event) {
      if (event.type === 'start') {
        const { id, model, created } = event;
        Object.assign(answer, { id, model, created, usage: event.usage ?? answer.usage });
      } else if (event.type === 'partStart') choiceOf(event.choice).parts.set(event.part, newPart(event));
      else if (event.type === 'partDelta') {
        const choice = choiceOf(event.choice);
        grow(choice.parts.get(event.part), event.text);
        addLogprobs(choice, event.logprobs);
      } else if (event.type === 'signature') {
        const part = choiceOf(event.choice).parts.get(event.part);
        if (part?.type === 'reasoning') Object.assign(part, { signature: event.signature, redacted: event.redacted });
      } else if (event.type === 'finish') {
        const { reason, stopSequence } = event;
        Object.assign(choiceOf(event.choice), { finishReason: reason, stopSequence });
      } else if (event.type === 'usage') {
        answer.usage = event.usage;
        answer.serviceTier = event.serviceTier ?? answer.serviceTier;
      } else if (event.type === 'error') failure = event.failure;
    },
    result: () => ({
      ...answer,
      choices: [...choices.values()]
        .sort((a, b) => a.index - b.index)
        .map(({ parts, ...choice }) => ({
          ...choice,
          parts: [...parts.entries()].sort(([a], [b]) => a - b).map(([, part]) => part),
        })),
    }),
    failure: () => failure,
  };
}

/** A whole answer as the events of a stream, for a caller who asked for one. */
export function answerEvents(answer: ModelAnswer): ModelEvent[] {
  const { id, model, created, usage, serviceTier } = answer;
  const events: ModelEvent[] = [{ type: 'start', id, model, created, usage: null }];
  for (const { index: choice, parts, finishReason, stopSequence, logprobs } of answer.choices) {
    let rest = logprobs;
    for (const [part, value] of parts.entries()) {
      // No model of any dialect here makes them.
      if ('source' in value || value.type === 'toolResult') continue;
      const called = value.type === 'toolCall' ? { id: value.id, name: value.name } : { id: null, name: null };
      events.push({ type: 'partStart', choice, part, kind: value.type, ...called });
      const text = value.type === 'toolCall' ? value.arguments : value.text;
      const told = value.type === 'text' && rest !== null ? { logprobs: rest } : {};
      if (value.type === 'text') rest = null;
      if (text !== '') events.push({ type: 'partDelta', choice, part, text, ...told });
      if (value.type === 'reasoning' && (value.signature !== null || value.redacted !== null))
        events.push({ type: 'signature', choice, part, signature: value.signature, redacted: value.redacted });
      events.push({ type: 'partEnd', choice, part });
    }
    if (finishReason !== null) events.push({ type: 'finish', choice, reason: finishReason, stopSequence });
  }
  if (usage !== null) events.push({ type: 'usage', usage, serviceTier });
  return events;
}
