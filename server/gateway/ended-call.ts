import { type Outcome, readOutcome } from '@wheelhouse/core/dialect';
import type { PriceReader } from '@wheelhouse/core/ports';
import { inputTokens, outputTokens, type Span, serviceTierOf, type Usage } from '@wheelhouse/core/records';
import { totalCostOfCall } from '@wheelhouse/core/trace';
import { type CallEnd, type CallFacts, callSpan, costsNothing, freeCost, simCost } from './call-span.ts';

/** Of a caller who got the answer of another's call, what differs from that. */
export type Followed = Pick<
  Span,
  'traceId' | 'spanId' | 'parentSpanId' | 'startNs' | 'run' | 'tags' | 'userId' | 'sessionId' | 'metadata'
> & {
  endNs: bigint;
  /** Why it left before the end; null: it did not. */
  left: string | null;
};

/** What a vendor held back for its content it may say the next time. */
const heldBack = /filter|refus|safety|block|prohibit|recitation|guardrail/i;

/**
 * A call that is over. What somebody waits for is read of its answer's end; its whole span is made only for who calls
 * from inside. A class, not a literal with getters, whose shape would hold on to each call.
 */
export class EndedCall {
  readonly facts: CallFacts;
  readonly end: CallEnd;
  readonly followed: Followed | null;
  readonly #prices: PriceReader;
  #span: Span | null = null;
  #outcome: Outcome | null = null;

  constructor(given: { facts: CallFacts; end: CallEnd; followed?: Followed }, prices: PriceReader) {
    this.facts = given.facts;
    this.end = given.end;
    this.followed = given.followed ?? null;
    this.#prices = prices;
  }

  /** The same call for one who followed it. */
  for(followed: Followed): EndedCall {
    return new EndedCall({ facts: this.facts, end: this.end, followed }, this.#prices);
  }

  span(): Span {
    if (this.#span === null) {
      const span = callSpan(this.facts, this.end, this.#prices);
      this.#span = this.followed === null ? span : followedSpan(span, this.followed);
    }
    return this.#span;
  }

  #read(): Outcome {
    const { dialect, bytes, streamed } = this.end.answer;
    this.#outcome ??= readOutcome({
      dialect: dialect ?? this.facts.asked.dialect ?? 'openai-chat',
      answer: bytes,
      streamed,
    });
    return this.#outcome;
  }

  /** Whether the next who asks the same may get the same answer. */
  isWhole(): boolean {
    const { facts, end } = this;
    if (end.error !== null || facts.status >= 400 || (this.followed?.left ?? null) !== null) return false;
    const { error, finishReasons } = this.#read();
    return error === null && !finishReasons.some((reason) => heldBack.test(reason));
  }

  /** What it took, as its span will say. */
  spent(): { tokens: number; costNanoUsd: bigint | null } {
    const { facts } = this;
    if (costsNothing(facts)) return { tokens: 0, costNanoUsd: 0n };
    const { usage, responseModel, serviceTier } = this.#read();
    // What the vendor did not count is estimated of all the texts.
    if (usage === null) {
      const { usage: estimated, cost } = this.span();
      return { tokens: estimated === null ? 0 : tokensOf(estimated), costNanoUsd: cost?.totalNanoUsd ?? null };
    }
    const costNanoUsd = simCost(facts, usage)?.totalNanoUsd ?? this.#cost({ usage, responseModel, serviceTier });
    return { tokens: tokensOf(usage), costNanoUsd };
  }

  #cost({ usage, responseModel, serviceTier }: Pick<Outcome, 'responseModel' | 'serviceTier'> & { usage: Usage }) {
    const { by, provider, vendorModel, startNs, asked } = this.facts;
    const attributes = serviceTier === null ? {} : { 'openai.response.service_tier': serviceTier };
    const tier = serviceTierOf({ attributes, params: asked.body });
    return totalCostOfCall(
      {
        projectId: by.project,
        provider,
        requestModel: vendorModel,
        responseModel,
        startNs,
        usage,
        serviceTier: tier,
      },
      this.#prices,
    );
  }
}

const tokensOf = (usage: Usage): number => inputTokens(usage) + outputTokens(usage);

function followedSpan(span: Span, { left, ...own }: Followed): Span {
  return {
    ...span,
    ...own,
    ...(left === null ? {} : { status: 'error' as const, statusMessage: left }),
    usage: null,
    cost: span.status === 'error' ? null : freeCost,
    events: [],
    attributes: { ...span.attributes, 'wheelhouse.origin': 'shared', 'wheelhouse.shared.span': span.spanId },
  };
}
