import type { PriceReader, Recording } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, parseExactJson, type Span } from '@wheelhouse/core/records';
import type { Answer } from './answer-copy.ts';
import type { CallEnd, CallFacts } from './call-span.ts';
import { EndedCall, type Followed } from './ended-call.ts';

/** Times are decimal texts, and the long texts stand beside. */
type Written = {
  facts: Omit<CallFacts, 'startNs' | 'firstTokenNs' | 'asked'> & {
    startNs: string;
    firstTokenNs: string | null;
    asked: Pick<CallFacts['asked'], 'dialect' | 'input'>;
  };
  end: { endNs: string; error: string | null; answer: Omit<Answer, 'bytes'> };
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
      user: facts.user,
      session: facts.session,
      metadata: facts.metadata,
      model: facts.model,
      by: { project: by.project },
      traceId: facts.traceId,
      spanId: facts.spanId,
      parentSpanId: facts.parentSpanId,
      run: facts.run,
      userAgent: facts.userAgent,
      control: facts.control,
      startNs: String(facts.startNs),
      firstTokenNs: facts.firstTokenNs === null ? null : String(facts.firstTokenNs),
      provider: facts.provider,
      vendorModel: facts.vendorModel,
      status: facts.status,
      attempts: facts.attempts,
      origin: facts.origin,
      ...(facts.cached === undefined ? {} : { cached: facts.cached }),
      asked: { dialect: asked.dialect, input: asked.input },
    },
    end: { endNs: String(end.endNs), error: end.error, answer: { dialect, streamed, cut } },
    followed: followed === null ? null : writeFollowed(followed),
  };
  return { facts: JSON.stringify(written), request: asked.text, answer: bytes };
}

function bodyOf(text: string) {
  const body: Json = parseExactJson(text);
  return isJsonObject(body) ? body : {};
}

/** The span of a call that was recorded in another process, or before this one. */
export function readRecording({ facts: text, request, answer }: Recording, prices: PriceReader): Span {
  const { facts: given, end: ended, followed } = JSON.parse(text) as Written;
  const facts: CallFacts = {
    ...given,
    startNs: BigInt(given.startNs),
    firstTokenNs: given.firstTokenNs === null ? null : BigInt(given.firstTokenNs),
    asked: { ...given.asked, text: request, body: bodyOf(request) },
  };
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  const end: CallEnd = { endNs: BigInt(ended.endNs), error: ended.error, answer: { ...ended.answer, bytes } };
  if (followed === null) return new EndedCall({ facts, end }, prices).span();
  const own: Followed = { ...followed, startNs: BigInt(followed.startNs), endNs: BigInt(followed.endNs) };
  return new EndedCall({ facts, end, followed: own }, prices).span();
}
