import type { JsonObject } from '../records/index.ts';

/** An example that a predictor shows: values of its fields by name. */
export type Demo = {
  values: JsonObject;
  /** Made by running the program, not given by a person. */
  augmented?: boolean;
  /** The trace that it came from. */
  traceId?: string;
};

/** What may be tuned in one place of a program. What is left out is as the program has it. */
export type Tunables = {
  instructions?: string;
  /** By field. */
  fields?: Readonly<Record<string, { description?: string; prefix?: string }>>;
  demos?: readonly Demo[];
  /** As an OpenAI client would name it; null: the one that the world names. */
  model?: string | null;
  /** Members of the request, such as `temperature`. */
  parameters?: JsonObject;
  /** Numbers that decide what a module does. */
  thresholds?: Readonly<Record<string, number>>;
};

/** Everything that may be tuned in a program, by the path of the module that it belongs to. It is JSON. */
export type Candidate = Readonly<Record<string, Tunables>>;

const mergedFields = (under: Tunables['fields'], over: Tunables['fields']) => {
  const names = new Set([...Object.keys(under ?? {}), ...Object.keys(over ?? {})]);
  return Object.fromEntries([...names].map((name) => [name, { ...under?.[name], ...over?.[name] }]));
};

/** One over the other: members of each kind are joined, demonstrations are replaced. */
export function mergeTunables(under: Tunables, over: Tunables): Tunables {
  const both = { ...under, ...over };
  return {
    ...both,
    ...(both.fields ? { fields: mergedFields(under.fields, over.fields) } : {}),
    ...(both.parameters ? { parameters: { ...under.parameters, ...over.parameters } } : {}),
    ...(both.thresholds ? { thresholds: { ...under.thresholds, ...over.thresholds } } : {}),
  };
}

/** The candidate of one over that of another, place by place; demonstrations are replaced, not joined. */
export function overlay(under: Candidate, over: Candidate): Candidate {
  const all = { ...under };
  for (const [path, tunables] of Object.entries(over)) all[path] = mergeTunables(under[path] ?? {}, tunables);
  return all;
}
