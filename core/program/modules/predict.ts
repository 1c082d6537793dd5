import type { ModelOutcome, OnText } from '../../ports/index.ts';
import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Adapter, AdapterTask, Send } from '../adapters/adapter.ts';
import { chatAdapter } from '../adapters/chat.ts';
import { unreadable } from '../adapters/read-fields.ts';
import type { FieldPiece } from '../adapters/stream-sections.ts';
import { tunedSignature } from '../candidate.ts';
import { defineModule, type Module, type PredictorCall, type Scope, tunablesOf } from '../module.ts';
import { readJson } from '../read-value.ts';
import {
  asSignature,
  type Field,
  fieldOf,
  type InputOf,
  insertField,
  type OutputOf,
  type Signature,
  type SignatureLike,
  type Valid,
} from '../signature.ts';
import { signatureData } from '../signature-data.ts';
import { mergeTunables, type Tunables } from '../tunables.ts';

/** What a predictor is told beside its signature, unless a candidate says otherwise. */
export type PredictOptions = Pick<Tunables, 'model' | 'parameters' | 'demos'>;

const tooLong = /context.?(?:length|window|size)|maximum context|prompt is too long|too many tokens/i;

function failureOf(outcome: ModelOutcome & { ok: false }): WheelhouseError {
  const { error, code, limited } = outcome;
  const later = typeof limited?.retryAfterMs === 'number' ? { retryAfterMs: limited.retryAfterMs } : {};
  if (code !== undefined) return new WheelhouseError(code, error, later);
  return new WheelhouseError(tooLong.test(error) ? 'context_length_exceeded' : 'upstream_failed', error);
}

/** The sampling seed that makes tries differ is left out where the vendor does not know it. */
async function askModel(
  scope: Scope,
  call: PredictorCall,
  tunables: Tunables,
  { messages, adapter, model, own, onText }: Question,
) {
  const { runner, signal } = scope.world;
  const seed = scope.rollout === 0 ? {} : { seed: scope.rollout };
  const parameters = { ...tunables.parameters, ...scope.parameters, ...own, ...seed };
  const ask = (given: JsonObject) =>
    runner.run(
      model,
      { messages, variables: {} },
      {
        ...{ signal, asker: scope.path },
        ...(isEmpty(given) ? {} : { parameters: given }),
        ...(onText ? { onText } : {}),
      },
    );
  let outcome = await ask(parameters);
  if (!outcome.ok && 'seed' in seed && outcome.code === 'unsupported_by_model' && /seed/.test(outcome.error)) {
    const { seed: _, ...others } = parameters;
    outcome = await ask(others);
  }
  if (signal.aborted) throw signal.reason;
  const { traceId, latencyNs, costNanoUsd, usage = null } = outcome;
  const said = outcome.ok ? { text: outcome.text, error: null } : { text: null, error: outcome.error };
  call.asks.push({ adapter, model, messages, ...said, traceId, latencyNs, costNanoUsd, usage });
  if (!outcome.ok) throw failureOf(outcome);
  return outcome.text;
}
type Question = { messages: JsonObject[]; adapter: string; model: string; own: JsonObject; onText: OnText | null };
const isEmpty = (object: JsonObject) => Object.keys(object).length === 0;

/** Whether the inputs are there and fit. @throws WheelhouseError `invalid_request` */
function checkedInput(path: string, { inputs }: Signature, given: JsonObject): JsonObject {
  const entries = inputs.flatMap(({ name, type }) => {
    const value = given[name];
    if (value !== undefined) return [[name, value] as const];
    const nothing = readJson(null, type);
    if (nothing.ok && type.kind !== 'any') return [[name, null] as const];
    throw new WheelhouseError('invalid_request', `The predictor \`${path || 'program'}\` was not given \`${name}\`.`, {
      param: name,
      hint: `It takes ${inputs.map((field) => `\`${field.name}\``).join(', ')}.`,
    });
  });
  return Object.fromEntries(entries);
}

/** What the schemas that fields were given by make of the values. @throws WheelhouseError `answer_unreadable` */
async function checkedOutput(
  scope: Scope,
  fields: readonly Field[],
  values: JsonObject,
): Promise<Record<string, unknown>> {
  const made: [string, unknown][] = [];
  for (const { name, type, check } of fields) {
    const value = values[name] ?? null;
    const problem = type.kind === 'any' ? (scope.world.checker?.check(type.schema, value) ?? null) : null;
    const checked = await check?.(value);
    const issue = checked?.issues?.[0]?.message ?? problem;
    if (issue !== null) throw unreadable(`\`${name}\`: ${issue}`, JSON.stringify(value));
    made.push([name, checked && 'value' in checked ? checked.value : value]);
  }
  return Object.fromEntries(made);
}

export const isTooLong = (error: unknown): boolean =>
  error instanceof WheelhouseError && error.code === 'context_length_exceeded';

/**
 * Asks, and where that is too long for the model, with fewer demonstrations: the first half of them goes each time, since
 * the last ones stand nearest to the question.
 */
async function askFitting(adapter: Adapter, task: AdapterTask, send: Send): Promise<JsonObject> {
  try {
    return await adapter.ask(task, send);
  } catch (error) {
    const { demos } = task;
    if (!isTooLong(error) || demos.length === 0) throw error;
    return askFitting(adapter, { ...task, demos: demos.slice(Math.ceil(demos.length / 2)) }, send);
  }
}

const hintField = fieldOf('hint_', { kind: 'text' }, { description: 'A hint to the module from an earlier run' });

async function predictOnce(of: Signature, given: JsonObject, scope: Scope): Promise<Record<string, unknown>> {
  const { world, path, rollout } = scope;
  const tunables = mergeTunables({}, tunablesOf(scope));
  const hint = scope.hints[path];
  const tuned = tunedSignature(of, tunables);
  const signature = hint === undefined ? tuned : insertField(tuned, 'inputs', hintField, -1);
  const input = checkedInput(path, signature, hint === undefined ? given : { ...given, hint_: hint });
  const call: PredictorCall = { path, input, output: null, error: null, rollout, kept: true, asks: [] };
  scope.calls.push(call);
  const model = tunables.model ?? world.model;
  let asked = 0;
  const send: Send = (messages, options) => {
    asked++;
    return askModel(scope, call, tunables, {
      ...{ messages, adapter: options.adapter, model: options.model ?? model, own: options.parameters ?? {} },
      onText: options.onText ?? null,
    });
  };
  const { onField } = world;
  const heard = onField && ((piece: FieldPiece) => onField({ path, ask: asked - 1, ...piece }));
  const task = { signature, demos: tunables.demos ?? [], input, ...(heard ? { onField: heard } : {}) };
  try {
    const output = await askFitting(world.adapter ?? chatAdapter, task, send);
    const values = await checkedOutput(scope, signature.outputs, output);
    call.output = output;
    return values;
  } catch (error) {
    call.error = error instanceof Error ? error.message : String(error);
    throw error;
  }
}

/** A predictor of any signature; what modules are made of. */
export function predictor<I, O>(of: Signature, options: PredictOptions = {}): Module<I, O> {
  const signature = signatureData(of);
  return defineModule<I, O>({
    signature: of,
    defaults: options,
    data: signature && { module: 'predict', signature },
    forward: (input, scope) => predictOnce(of, input as JsonObject, scope) as Promise<O>,
  });
}

/**
 * Asks a model for the outputs of a signature: the one thing that programs are made of. What is too long for the model is
 * asked with fewer demonstrations.
 * @throws WheelhouseError `answer_unreadable`, `invalid_request`, and why the model could not be asked
 */
export const predict = <const S extends SignatureLike>(
  of: S & Valid<S>,
  options: PredictOptions = {},
): Module<InputOf<S>, OutputOf<S>> => predictor<InputOf<S>, OutputOf<S>>(asSignature(of), options);
