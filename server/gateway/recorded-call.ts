import type { PriceReader, Recording } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, parseExactJson, type Span } from '@wheelhouse/core/records';
import type { Answer } from './answer-copy.ts';
import type { CallEnd, CallFacts } from './call-span.ts';
import { noControl } from './control-headers.ts';
import { EndedCall, type Followed } from './ended-call.ts';

/** What nearly every call says nothing of, so that it is written for the others alone. */
type Seldom = Pick<CallFacts, 'user' | 'session' | 'parentSpanId' | 'run' | 'userAgent' | 'control' | 'attempts'>;

/** Times are decimal texts, and the long texts stand beside. */
type Written = {
  facts: Omit<CallFacts, keyof Seldom | 'startNs' | 'firstTokenNs' | 'asked' | 'by'> & {
    [Name in keyof Seldom]: Seldom[Name] | undefined;
  } & {
    startNs: string;
    firstTokenNs: string | undefined;
    asked: Pick<CallFacts['asked'], 'dialect' | 'input'>;
  };
  end: { endNs: string; error: string | null; answer: Omit<Answer, 'bytes' | 'asSent'> };
  followed: (Omit<Followed, 'startNs' | 'endNs'> & { startNs: string; endNs: string }) | null;
};

const writeFollowed = ({ startNs, endNs, ...own }: Followed): Written['followed'] => ({
  ...own,
  startNs: String(startNs),
  endNs: String(endNs),
});

const isEmpty = (object: object): boolean => {
  for (const _ in object) return false;
  return true;
};

/** What nearly every call says nothing of, with a comma before it. */
function seldomOf(facts: CallFacts): string {
  const { user, session, parentSpanId, run, userAgent, control, attempts, cached } = facts;
  let text = '';
  if (user !== null) text += `,"user":${JSON.stringify(user)}`;
  if (session !== null) text += `,"session":${JSON.stringify(session)}`;
  if (parentSpanId !== null) text += `,"parentSpanId":"${parentSpanId}"`;
  if (run !== null) text += `,"run":${JSON.stringify(run)}`;
  if (userAgent !== null) text += `,"userAgent":${JSON.stringify(userAgent)}`;
  if (control !== noControl) text += `,"control":${JSON.stringify(control)}`;
  if (attempts.length > 0) text += `,"attempts":${JSON.stringify(attempts)}`;
  if (cached !== undefined) text += `,"cached":${JSON.stringify(cached)}`;
  return text;
}

function writeFacts(facts: CallFacts): string {
  const { operation, streamed, metadata, model, traceId, spanId, startNs, firstTokenNs, status, origin, asked } = facts;
  return (
    `{"operation":"${operation}","streamed":${streamed},"metadata":${isEmpty(metadata) ? '{}' : JSON.stringify(metadata)},` +
    `"model":${JSON.stringify(model)},"traceId":"${traceId}","spanId":"${spanId}","startNs":"${startNs}",` +
    (firstTokenNs === null ? '' : `"firstTokenNs":"${firstTokenNs}",`) +
    `"provider":${JSON.stringify(facts.provider)},"vendorModel":${JSON.stringify(facts.vendorModel)},"status":${status},` +
    `"origin":"${origin}","asked":{"dialect":${asked.dialect === null ? null : `"${asked.dialect}"`},` +
    `"input":${asked.input === null ? null : JSON.stringify(asked.input)}}${seldomOf(facts)}}`
  );
}

/**
 * A call as it is kept: nothing of it is read here, and nothing of it holds on to the call. {@link Written}, put together
 * by hand, because an object to be made into JSON costs several times as much.
 */
export function recordingOf({ facts, end, followed }: EndedCall): Recording {
  const { asked, by } = facts;
  const { bytes, dialect, streamed, cut } = end.answer;
  const error = end.error === null ? null : JSON.stringify(end.error);
  const written =
    `{"facts":${writeFacts(facts)},"end":{"endNs":"${end.endNs}","error":${error},"answer":{` +
    `"dialect":${dialect === null ? null : `"${dialect}"`},"streamed":${streamed},"cut":${cut}}},` +
    `"followed":${followed === null ? null : JSON.stringify(writeFollowed(followed))}}`;
  return { project: by.project, facts: written, request: asked.text, answer: bytes };
}

function bodyOf(text: string) {
  const body: Json = parseExactJson(text);
  return isJsonObject(body) ? body : {};
}

/** The span of a call that was recorded in another process, or before this one. */
export function readRecording({ project, facts: text, request, answer }: Recording, prices: PriceReader): Span {
  const { facts: given, end: ended, followed } = JSON.parse(text) as Written;
  const facts: CallFacts = {
    ...given,
    user: given.user ?? null,
    session: given.session ?? null,
    parentSpanId: given.parentSpanId ?? null,
    run: given.run ?? null,
    userAgent: given.userAgent ?? null,
    control: given.control ?? noControl,
    attempts: given.attempts ?? [],
    by: { project },
    startNs: BigInt(given.startNs),
    firstTokenNs: given.firstTokenNs === undefined ? null : BigInt(given.firstTokenNs),
    asked: { ...given.asked, text: request, body: bodyOf(request) },
  };
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const end: CallEnd = {
    endNs: BigInt(ended.endNs),
    error: ended.error,
    answer: { ...ended.answer, bytes, asSent: false },
  };
  if (followed === null) return new EndedCall({ facts, end }, prices).span();
  const own: Followed = { ...followed, startNs: BigInt(followed.startNs), endNs: BigInt(followed.endNs) };
  return new EndedCall({ facts, end, followed: own }, prices).span();
}
