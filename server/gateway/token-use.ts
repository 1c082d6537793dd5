import { inputTokens, outputTokens, type Span } from '@wheelhouse/core/records';

/** What calls of one kind used, for the metrics. */
export type TokenUse = {
  /** Operation, provider, model. */
  labels: [string, string, string];
  input: number;
  output: number;
  /** null: no price is known. */
  costUsd: number | null;
  /** Of each stream, the time of each token after its first. */
  eachSeconds: number[];
};

/** Adds up what the spans of calls say. */
export function createTokenCount() {
  const uses = new Map<string, TokenUse>();

  function useOf(span: Span): TokenUse {
    const operation = String(span.attributes['gen_ai.operation.name']);
    const labels: TokenUse['labels'] = [operation, span.provider ?? '', span.requestModel ?? ''];
    const key = labels.join('\n');
    const found = uses.get(key) ?? { labels, input: 0, output: 0, costUsd: null, eachSeconds: [] };
    uses.set(key, found);
    return found;
  }

  return {
    add(span: Span): void {
      const { usage, cost, firstTokenNs, endNs } = span;
      if (usage === null) return;
      const use = useOf(span);
      const output = outputTokens(usage);
      use.input += inputTokens(usage);
      use.output += output;
      if (cost !== null) use.costUsd = (use.costUsd ?? 0) + Number(cost.totalNanoUsd) / 1e9;
      if (firstTokenNs !== null && endNs !== null && output > 1)
        use.eachSeconds.push(Number(endNs - firstTokenNs) / 1e9 / (output - 1));
    },
    /** What was added since it was taken last. */
    take(): TokenUse[] {
      const taken = [...uses.values()];
      uses.clear();
      return taken;
    },
  };
}
