import type { FinishReason, ModelAnswer, ModelChoice, ModelPart } from '../../ports/index.ts';
import { contentHash, isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { readGeminiUsage } from '../../trace/index.ts';
import { argumentsObject, argumentsText } from '../arguments.ts';
import type { AnswerFrame } from '../codec.ts';
import { mediaTypeOf } from '../media-type.ts';
import { markSignature, shownSignature } from '../signature.ts';

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
export const objectsOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

const reasons = new Map<Json, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'contentFilter'],
  ['RECITATION', 'contentFilter'],
  ['BLOCKLIST', 'contentFilter'],
  ['PROHIBITED_CONTENT', 'contentFilter'],
  ['SPII', 'contentFilter'],
  ['IMAGE_SAFETY', 'contentFilter'],
  ['IMAGE_PROHIBITED_CONTENT', 'contentFilter'],
  ['IMAGE_RECITATION', 'contentFilter'],
]);

/** @param hasCall Gemini says `STOP` after calls of tools too */
export function readFinishReason(reason: Json | undefined, hasCall: boolean): FinishReason | null {
  if (typeof reason !== 'string' || reason === '' || reason === 'FINISH_REASON_UNSPECIFIED') return null;
  const read = reasons.get(reason) ?? 'error';
  return read === 'stop' && hasCall ? 'toolCalls' : read;
}

const finishReasons: Record<FinishReason, string> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  toolCalls: 'STOP',
  contentFilter: 'SAFETY',
  refusal: 'SAFETY',
  pause: 'STOP',
  error: 'OTHER',
};

export const writeFinishReason = (reason: FinishReason): string => finishReasons[reason];

/** Gemini gives calls no id of their own; the answer's makes one that no other call of the conversation has. */
export const callId = (call: JsonObject, of: { answer: string; number: number }): string =>
  textOf(call.id) || `call_${of.answer || contentHash(call).slice(0, 16)}_${of.number}`;

/** A part as it came; `signature`: of one that is no thought. */
export type SignedPart = { part: ModelPart; signature: string | null };

type MakeId = (call: JsonObject) => string;

function readPart(part: JsonObject, id: MakeId): SignedPart[] {
  const signature = markSignature('gemini', textOf(part.thoughtSignature));
  if (part.thought === true)
    return [{ part: { type: 'reasoning', text: textOf(part.text), signature, redacted: null }, signature: null }];
  if (typeof part.text === 'string') return [{ part: { type: 'text', text: part.text }, signature }];
  if (isJsonObject(part.functionCall)) {
    const call = part.functionCall;
    const args = argumentsText(call.args);
    return [{ part: { type: 'toolCall', id: id(call), name: textOf(call.name), arguments: args }, signature }];
  }
  if (!isJsonObject(part.inlineData)) return [];
  const { mimeType, data } = part.inlineData;
  const type = textOf(mimeType).startsWith('audio/') ? 'audio' : 'image';
  const source = { kind: 'data' as const, data: textOf(data) };
  return [{ part: { type, source, mediaType: textOf(mimeType) || null, name: null, detail: null }, signature }];
}

export const readParts = (content: Json | undefined, id: MakeId): SignedPart[] =>
  (isJsonObject(content) ? objectsOf(content.parts) : []).flatMap((part) => readPart(part, id));

/** A signature of a part that is no thought stands before it, as a thought without text. */
const signatureAlone = (signature: string): ModelPart => ({
  type: 'reasoning',
  text: '',
  signature,
  redacted: null,
});

/** Neighbours of one kind are one part, as they are in a stream; a signature ends a thought. */
function joined(parts: readonly SignedPart[]): ModelPart[] {
  const all: ModelPart[] = [];
  let open: ModelPart | null = null;
  for (const { part, signature } of parts) {
    if (signature !== null) {
      all.push(signatureAlone(signature));
      open = null;
    }
    if (part.type === 'text' && open?.type === 'text') open.text += part.text;
    else if (part.type === 'reasoning' && open?.type === 'reasoning') {
      open.text += part.text;
      open.signature = part.signature;
    } else if (part.type !== 'text' || part.text !== '') {
      all.push(part);
      open = part;
    }
    if (open?.type === 'reasoning' && open.signature !== null) open = null;
  }
  return all;
}

const logprob = (given: JsonObject): JsonObject => ({
  token: textOf(given.token),
  logprob: typeof given.logProbability === 'number' ? given.logProbability : 0,
  bytes: null,
});

/** Gemini's two lists, of what was chosen and of what else could have been, in the form of OpenAI's. */
export function readLogprobs(result: Json | undefined): JsonObject[] | null {
  if (!isJsonObject(result)) return null;
  const top = objectsOf(result.topCandidates);
  return objectsOf(result.chosenCandidates).map((chosen, i) => ({
    ...logprob(chosen),
    top_logprobs: objectsOf(top[i]?.candidates).map(logprob),
  }));
}

export function writeLogprobs(logprobs: JsonObject[]): JsonObject {
  const candidate = ({ token, logprob: value }: JsonObject) => ({ token: token ?? '', logProbability: value ?? 0 });
  return {
    chosenCandidates: logprobs.map(candidate),
    topCandidates: logprobs.map(({ top_logprobs: top }) => ({ candidates: objectsOf(top).map(candidate) })),
  };
}

/** Why the prompt itself was refused; null when it was not. */
export function blockReason(body: JsonObject): string | null {
  const feedback = body.promptFeedback;
  return isJsonObject(feedback) && typeof feedback.blockReason === 'string' ? feedback.blockReason : null;
}

function readCandidate(candidate: JsonObject, { position, answer }: { position: number; answer: string }): ModelChoice {
  const index = typeof candidate.index === 'number' ? candidate.index : position;
  let number = 0;
  const id = (call: JsonObject) =>
    callId(call, { answer: index === 0 ? answer : `${answer}_${index}`, number: number++ });
  const parts = joined(readParts(candidate.content, id));
  const hasCall = parts.some(({ type }) => type === 'toolCall');
  return {
    index,
    parts,
    finishReason: readFinishReason(candidate.finishReason, hasCall),
    stopSequence: null,
    logprobs: readLogprobs(candidate.logprobsResult),
  };
}

const blocked: ModelChoice = { index: 0, parts: [], finishReason: 'contentFilter', stopSequence: null, logprobs: null };

/** What a call ran at, as the usage tells. */
export function tierOf(usage: Json | undefined): string | null {
  const traffic = isJsonObject(usage) ? textOf(usage.trafficType) : '';
  return traffic === 'ON_DEMAND_PRIORITY' ? 'priority' : traffic === 'ON_DEMAND_FLEX' ? 'flex' : null;
}

/** A whole `GenerateContentResponse`. */
export function readGenerateAnswer(body: JsonObject): ModelAnswer {
  const id = textOf(body.responseId);
  const candidates = objectsOf(body.candidates);
  const choices = candidates.map((candidate, position) => readCandidate(candidate, { position, answer: id }));
  return {
    id,
    model: textOf(body.modelVersion),
    created: 0,
    choices: choices.length === 0 && blockReason(body) !== null ? [blocked] : choices,
    usage: readGeminiUsage(body.usageMetadata),
    serviceTier: tierOf(body.usageMetadata),
  };
}

const signature = (text: string | null): JsonObject => {
  const shown = shownSignature('gemini', text);
  return shown === null ? {} : { thoughtSignature: shown };
};

function writeParts(parts: readonly ModelPart[]): JsonObject[] {
  const written: JsonObject[] = [];
  let pending: JsonObject = {};
  for (const part of parts) {
    if (part.type === 'reasoning' && part.text === '') pending = signature(part.signature ?? part.redacted);
    else if (part.type === 'reasoning') written.push({ text: part.text, thought: true, ...signature(part.signature) });
    else {
      if (part.type === 'text' || part.type === 'refusal') written.push({ text: part.text, ...pending });
      if (part.type === 'toolCall')
        written.push({ functionCall: { id: part.id, name: part.name, args: argumentsObject(part) }, ...pending });
      if ((part.type === 'image' || part.type === 'audio') && part.source.kind === 'data')
        written.push({
          inlineData: { mimeType: mediaTypeOf(part) ?? 'image/png', data: part.source.data },
          ...pending,
        });
      pending = {};
    }
  }
  return Object.keys(pending).length === 0 ? written : [...written, { text: '', ...pending }];
}

/** Counts as Gemini has them: the prompt with what is cached in it, thoughts apart. */
export function writeUsage(usage: Usage | null): JsonObject {
  const counts = usage?.counts ?? {};
  const cached = counts.cacheRead ?? 0;
  const [audio, image] = [counts.inputAudio ?? 0, counts.inputImage ?? 0];
  const written = (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0);
  const prompt = (counts.inputUncached ?? 0) + audio + image + cached + written;
  const spoken = counts.outputAudio ?? 0;
  const candidates = (counts.outputText ?? 0) + spoken;
  const thoughts = counts.reasoning ?? 0;
  const details = (named: [string, number][]) =>
    named.filter(([, tokenCount]) => tokenCount > 0).map(([modality, tokenCount]) => ({ modality, tokenCount }));
  const [inputs, outputs] = [
    details([
      ['AUDIO', audio],
      ['IMAGE', image],
    ]),
    details([['AUDIO', spoken]]),
  ];
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + candidates + thoughts,
    ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
    ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    ...(inputs.length === 0 ? {} : { promptTokensDetails: inputs }),
    ...(outputs.length === 0 ? {} : { candidatesTokensDetails: outputs }),
  };
}

export function writeGenerateAnswer(answer: ModelAnswer, frame: AnswerFrame): JsonObject {
  return {
    candidates: answer.choices.map(({ index, parts, finishReason, logprobs }) => ({
      content: { role: 'model', parts: writeParts(parts) },
      ...(finishReason === null ? {} : { finishReason: writeFinishReason(finishReason) }),
      index,
      ...(logprobs === null ? {} : { logprobsResult: writeLogprobs(logprobs) }),
    })),
    ...(answer.usage === null ? {} : { usageMetadata: writeUsage(answer.usage) }),
    modelVersion: frame.model,
    responseId: frame.id,
  };
}
