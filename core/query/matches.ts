import type { SearchedTrace } from '../ports/index.ts';
import type { CompareOp, Filter, Nanos, NumberField, TextField, TextPattern } from '../records/index.ts';
import { mentions } from './build-filter.ts';

const empty: readonly string[] = [];
const listOf = (value: string | null): readonly string[] => (value === null || value === '' ? empty : [value]);

/** `support-bot@2` is also found as `support-bot`, and `openai/gpt-4o` as what stands after any of its slashes. */
const modelNames = (trace: SearchedTrace): string[] =>
  trace.models.flatMap((model) => [
    model,
    model.replace(/@\d+$/, ''),
    ...Array.from(model.matchAll(/\//g), ({ index }) => model.slice(index + 1)),
  ]);

/** What the trace says for the field; none where it says nothing. */
const texts: Record<TextField, (trace: SearchedTrace) => readonly string[]> = {
  status: (trace) => [trace.status],
  name: (trace) => listOf(trace.name),
  kind: (trace) => trace.kinds,
  model: modelNames,
  provider: (trace) => trace.providers,
  tool: (trace) => trace.tools,
  service: (trace) => trace.services,
  environment: (trace) => listOf(trace.environment),
  release: (trace) => listOf(trace.release),
  tag: (trace) => trace.tags,
  session: (trace) => listOf(trace.sessionId),
  user: (trace) => listOf(trace.userId),
  run: (trace) => listOf(trace.runId),
  dialect: (trace) => listOf(trace.dialect),
  trace: (trace) => [trace.traceId],
};

const numbers: Record<NumberField, (trace: SearchedTrace) => bigint | null> = {
  latency: ({ startNs, endNs }) => (endNs === null || endNs < startNs ? null : endNs - startNs),
  first_token: (trace) => trace.firstTokenNs,
  cost: (trace) => trace.costNanoUsd,
  tokens: (trace) => BigInt(trace.inputTokens + trace.outputTokens),
  input_tokens: (trace) => BigInt(trace.inputTokens),
  output_tokens: (trace) => BigInt(trace.outputTokens),
  spans: (trace) => BigInt(trace.spanCount),
  errors: (trace) => BigInt(trace.errorCount),
  unpriced: (trace) => BigInt(trace.unpricedCalls),
};

/** Whether a text is what the pattern says: its parts in their order, anything between them. */
export function fitsPattern(text: string, pattern: TextPattern): boolean {
  const [head, ...rest] = pattern;
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** Empty text is no value. */
const fitsAny = (values: readonly string[], patterns: readonly TextPattern[]): boolean =>
  values.some((text) => text !== '' && patterns.some((pattern) => fitsPattern(text, pattern)));
const isNothing = (pattern: TextPattern): boolean => pattern.length === 1 && pattern[0] === '';

function compare<T extends bigint | number>(value: T, op: CompareOp, with_: T): boolean {
  if (op === '>') return value > with_;
  if (op === '>=') return value >= with_;
  return op === '<' ? value < with_ : value <= with_;
}

function scoresOf(trace: SearchedTrace, name: string | null) {
  return name === null ? trace.scores : trace.scores.filter((score) => score.name === name);
}

/** Whether the trace fits; the law that stores' SQL is held against. `nowNs` is what `last` counts from. */
export function matches(trace: SearchedTrace, filter: Filter, nowNs: Nanos): boolean {
  switch (filter.type) {
    case 'all':
      return filter.of.every((inner) => matches(trace, inner, nowNs));
    case 'any':
      return filter.of.some((inner) => matches(trace, inner, nowNs));
    case 'not':
      return !matches(trace, filter.of, nowNs);
    case 'words':
      return trace.text.includes(filter.text.toLowerCase());
    case 'is': {
      const values = texts[filter.field](trace);
      return (
        fitsAny(values, filter.patterns) || (filter.patterns.some(isNothing) && values.every((text) => text === ''))
      );
    }
    case 'compare': {
      const value = numbers[filter.field](trace);
      return value !== null && compare(value, filter.op, filter.value);
    }
    case 'equals': {
      const value = numbers[filter.field](trace);
      return value !== null && filter.values.includes(value);
    }
    case 'score':
      return scoresOf(trace, filter.name).some(
        ({ value }) => typeof value !== 'string' && compare(Number(value), filter.op, filter.value),
      );
    case 'scored': {
      const scores = scoresOf(trace, filter.name);
      return filter.patterns.length === 0
        ? scores.length > 0
        : fitsAny(
            scores.map(({ value }) => String(value)),
            filter.patterns,
          );
    }
    case 'has':
      return filter.field in texts
        ? texts[filter.field as TextField](trace).some((text) => text !== '')
        : numbers[filter.field as NumberField](trace) !== null;
    case 'last':
      return trace.startNs >= nowNs - filter.ns;
    case 'since':
      return trace.startNs >= filter.ns;
    case 'until':
      return trace.startNs < filter.ns;
  }
}

/** Whether a list with that filter shows the trace: traces of evaluations only when the filter names `run`. */
export const selects = (trace: SearchedTrace, filter: Filter, nowNs: Nanos): boolean =>
  (trace.runId === null || mentions(filter, 'run')) && matches(trace, filter, nowNs);
