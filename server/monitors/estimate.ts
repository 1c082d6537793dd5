import type { PriceReader } from '@wheelhouse/core/ports';
import type { MonitorDefinition, NanoUsd, ProjectId } from '@wheelhouse/core/records';
import { type RouteTable, resolveTarget } from '@wheelhouse/core/route';
import { totalCostOf } from '@wheelhouse/core/trace';

export type EstimateDeps = { prices: PriceReader; routes(project: ProjectId): RouteTable };

export type MonitorEstimate = {
  /** Of models, each look. */
  calls: number;
  looksPerDay: number;
  /** null: no price is known. */
  lookNanoUsd: NanoUsd | null;
  /** Of 30 days, within its budget. */
  monthNanoUsd: NanoUsd | null;
};

/** Of English; other languages have fewer. */
const charactersPerToken = 4;
/** An answer of which nothing is known. */
const usualAnswer = 200;
/** What a line of a list shows of what was asked, at most, of both sides. */
const [embeddedTexts, embeddedLength, embeddedAtOnce] = [200, 200, 50];

type Tokens = { input: number; output: number };

/** By the price of the model that is called; of a model that is more than one call nothing is known. */
function priceOf(
  { prices, routes }: EstimateDeps,
  project: ProjectId,
  { model, tokens, nowMs }: { model: string; tokens: Tokens; nowMs: number },
): NanoUsd | null {
  const { version, provider, vendorModel } = resolveTarget(model, routes(project));
  if (version !== null && version.definition.baseModel === undefined) return null;
  const prompt = version === null ? 0 : JSON.stringify(version.definition).length / charactersPerToken;
  const row = prices.find({ project, provider, models: [vendorModel], atMs: nowMs, serviceTier: null });
  const counts = { inputUncached: Math.ceil(tokens.input + prompt), outputText: tokens.output, requests: 1 };
  return row === null ? null : totalCostOf({ counts, source: 'estimated' }, row);
}

const sumOf = (costs: readonly (NanoUsd | null)[]): NanoUsd | null =>
  costs.includes(null) ? null : costs.reduce((sum: NanoUsd, cost) => sum + (cost ?? 0n), 0n);

/** What a monitor that asks models costs by list prices. @throws WheelhouseError `model_not_found` */
export function estimateMonitor(
  deps: EstimateDeps,
  project: ProjectId,
  { rule, windowMinutes }: Pick<MonitorDefinition, 'rule' | 'windowMinutes'>,
  nowMs: number,
): MonitorEstimate {
  const looksPerDay = 1440 / windowMinutes;
  const ask = (model: string, tokens: Tokens) => priceOf(deps, project, { model, tokens, nowMs });
  const months = (lookNanoUsd: NanoUsd | null, budgetUsd: number): NanoUsd | null => {
    if (lookNanoUsd === null) return null;
    const day = Math.min(Number(lookNanoUsd) * looksPerDay, budgetUsd * 1e9);
    return BigInt(Math.round(30 * day));
  };
  if (rule.kind === 'probe') {
    const costs = rule.prompts.map((prompt) =>
      ask(rule.model, { input: prompt.length / charactersPerToken, output: usualAnswer }),
    );
    const lookNanoUsd = sumOf(costs);
    const calls = rule.prompts.length;
    return { calls, looksPerDay, lookNanoUsd, monthNanoUsd: months(lookNanoUsd, rule.budgetUsd) };
  }
  if (rule.kind === 'drift' && rule.embed !== null) {
    const calls = embeddedTexts / embeddedAtOnce;
    const input = (embeddedAtOnce * embeddedLength) / charactersPerToken;
    const one = ask(rule.embed, { input, output: 0 });
    const lookNanoUsd = one === null ? null : one * BigInt(calls);
    return { calls, looksPerDay, lookNanoUsd, monthNanoUsd: months(lookNanoUsd, rule.budgetUsd) };
  }
  return { calls: 0, looksPerDay, lookNanoUsd: 0n, monthNanoUsd: 0n };
}
