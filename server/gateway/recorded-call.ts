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

/** A call as it is kept: nothing of it is read here, and nothing of it holds on to the call. */
export function recordingOf({ facts, end, followed }: EndedCall): Recording {
  const { asked, by } = facts;
  const { bytes, dialect, streamed, cut } = end.answer;
  const written: Written = {
    facts: {
      operation: facts.operation,
      streamed: facts.streamed,
      user: facts.user ?? undefined,
      session: facts.session ?? undefined,
      metadata: facts.metadata,
      model: facts.model,
      traceId: facts.traceId,
      spanId: facts.spanId,
      parentSpanId: facts.parentSpanId ?? undefined,
      run: facts.run ?? undefined,
      userAgent: facts.userAgent ?? undefined,
      control: facts.control === noControl ? undefined : facts.control,
      startNs: String(facts.startNs),
      firstTokenNs: facts.firstTokenNs === null ? undefined : String(facts.firstTokenNs),
      provider: facts.provider,
      vendorModel: facts.vendorModel,
      status: facts.status,
      attempts: facts.attempts.length === 0 ? undefined : facts.attempts,
      origin: facts.origin,
      ...(facts.cached === undefined ? {} : { cached: facts.cached }),
      asked: { dialect: asked.dialect, input: asked.input },
    },
    end: { endNs: String(end.endNs), error: end.error, answer: { dialect, streamed, cut } },
    followed: followed === null ? null : writeFollowed(followed),
  };
  return { project: by.project, facts: JSON.stringify(written), request: asked.text, answer: bytes };
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
