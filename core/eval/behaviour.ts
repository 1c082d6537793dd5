import { canonicalJson, isJsonObject, type Json } from '../records/index.ts';
import { editDistance } from './edit-distance.ts';
import { compareFields, type FieldBehaviour } from './field-behaviour.ts';
import { compareTools, type ToolBehaviour, type ToolCalls } from './tool-behaviour.ts';

/** One answer to an input; `output` null: it failed. `tools`: what was called on the way to it, in order. */
export type Answered = {
  output: string | null;
  latencyNs: bigint;
  costNanoUsd: bigint | null;
  tools?: ToolCalls;
};
/** Answers of two versions to the same input, as often as each was asked. */
export type BehaviourRow = { before: readonly Answered[]; after: readonly Answered[] };

/** `fails`: it answered before; `recovers`: it answers now. */
type RowBehaviour = 'same' | 'changed' | 'fails' | 'recovers' | 'both_fail';

/** What one version is like; shares and likeness are in [0, 1]; null: nothing says. */
type SideBehaviour = {
  /** Of inputs that were answered twice or more: the share whose answers are all equal, and how alike their words are. */
  stable: number | null;
  alike: number | null;
  /** Means of an answer: characters, nanoseconds, nano-dollars. */
  length: number | null;
  latencyNs: number | null;
  costNanoUsd: number | null;
};

export type Behaviour = {
  rows: RowBehaviour[];
  counts: Record<RowBehaviour, number>;
  /** How alike the words of both versions are, by row; null: one of them failed. */
  alike: (number | null)[];
  before: SideBehaviour;
  after: SideBehaviour;
  /** Members of answers that are JSON objects, which one version has in some row and the other in none. */
  keys: { gone: string[]; added: string[] };
  tools: ToolBehaviour;
  /** Of answers that are JSON, place by place. */
  fields: FieldBehaviour[];
};

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** What makes no difference is left out: space around it, and how JSON is written. */
function normal(text: string): string {
  const value = parsed(text);
  return typeof value === 'object' && value !== null ? canonicalJson(value) : text.trim();
}

const wordsOf = (text: string) => text.split(/\s+/u).filter((word) => word !== '');

/** The share of words that need no change to make one of the other. */
function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const [one, other] = [wordsOf(a), wordsOf(b)];
  const most = Math.max(one.length, other.length);
  return most === 0 ? 1 : 1 - editDistance(one, other) / most;
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const outputsOf = (answers: readonly Answered[]) =>
  answers.flatMap(({ output }) => (output === null ? [] : [normal(output)]));
const pairs = <T>(all: readonly T[]) => all.flatMap((one, i) => all.slice(i + 1).map((other): [T, T] => [one, other]));

function sideOf(all: readonly (readonly Answered[])[]): SideBehaviour {
  const answered = all.flat().filter(({ output }) => output !== null);
  const repeated = all.map(outputsOf).filter(({ length }) => length > 1);
  const costs = answered.flatMap(({ costNanoUsd }) => (costNanoUsd === null ? [] : [Number(costNanoUsd)]));
  return {
    stable: mean(repeated.map((texts) => (new Set(texts).size === 1 ? 1 : 0))),
    alike: mean(repeated.flatMap((texts) => pairs(texts).map(([a, b]) => likeness(a, b)))),
    length: mean(answered.map(({ output }) => output?.length ?? 0)),
    latencyNs: mean(answered.map(({ latencyNs }) => Number(latencyNs))),
    costNanoUsd: mean(costs),
  };
}

function rowOf({ before, after }: BehaviourRow): { kind: RowBehaviour; alike: number | null } {
  const [old, now] = [outputsOf(before), outputsOf(after)];
  if (old.length === 0 || now.length === 0) {
    const kind = old.length > 0 ? 'fails' : now.length > 0 ? 'recovers' : 'both_fail';
    return { kind, alike: null };
  }
  // An answer that fails now and then is news where it never did.
  if (now.length < after.length && old.length === before.length) return { kind: 'fails', alike: null };
  const alike = mean(old.flatMap((a) => now.map((b) => likeness(a, b))));
  return { kind: now.some((text) => old.includes(text)) ? 'same' : 'changed', alike };
}

function keysOf(all: readonly (readonly Answered[])[]): Set<string> {
  return new Set(valuesOf(all.flat()).flatMap((value) => (isJsonObject(value) ? Object.keys(value) : [])));
}

const valuesOf = (answers: readonly Answered[]) =>
  answers.map(({ output }) => (output === null ? undefined : parsed(output)));
const toolsOf = (answers: readonly Answered[]) =>
  answers.flatMap(({ output, tools }) => (output === null ? [] : [tools ?? []]));

/**
 * What changes for callers between two versions, input by input: an input is the same when one of the answers of the new
 * version is one that the old one gave.
 */
export function compareBehaviour(rows: readonly BehaviourRow[]): Behaviour {
  const [before, after] = [rows.map((row) => row.before), rows.map((row) => row.after)];
  const found = rows.map(rowOf);
  const counts = { same: 0, changed: 0, fails: 0, recovers: 0, both_fail: 0 };
  for (const { kind } of found) counts[kind]++;
  const [old, now] = [keysOf(before), keysOf(after)];
  return {
    rows: found.map(({ kind }) => kind),
    counts,
    alike: found.map(({ alike }) => alike),
    before: sideOf(before),
    after: sideOf(after),
    keys: {
      gone: [...old].filter((key) => !now.has(key)).sort(),
      added: [...now].filter((key) => !old.has(key)).sort(),
    },
    tools: compareTools(rows.map((row) => ({ before: toolsOf(row.before), after: toolsOf(row.after) }))),
    fields: compareFields(rows.map((row) => ({ before: valuesOf(row.before), after: valuesOf(row.after) }))),
  };
}
