import type { OnText, PredictInput, PredictWorld } from '../../../ports/index.ts';
import { type Json, type JsonObject, type SpanKind, WheelhouseError } from '../../../records/index.ts';
import type { Prediction } from '../../flavor.ts';
import { pointerPath, valueAt } from '../../pointer.ts';
import { textOfValue } from '../../template/render-template.ts';
import { callApi } from '../endpoint/index.ts';
import { fillMapping, type Scope } from '../mapping.ts';
import { holds } from './condition.ts';
import type { Step } from './definition.ts';
import { inPool } from './in-pool.ts';
import { mayPass, stepError } from './step-error.ts';

type Of<Kind extends Step['do']> = Extract<Step, { do: Kind }>;

/** Where a step runs. */
type Place = {
  world: PredictWorld;
  /** Before the step's id. */
  prefix: string;
  /** Given to the step whose text is the chain's answer. */
  onText: OnText | null;
};

/** Branches of one step that run at the same time. */
const parallelBranches = 16;
const mostItems = 10_000;
const longestWaitMs = 60_000;

/** Steps that hold no others. */
const leaves: ReadonlySet<Step['do']> = new Set(['prompt', 'tool', 'code']);

const nothing: Prediction = { output: null, text: '' };

/** The values as steps inside of a step see them. What those give stays inside. */
const within = (scope: Scope, more: Scope = {}): Scope => ({
  ...scope,
  ...more,
  steps: { ...(scope.steps as JsonObject) },
});

/**
 * Steps one after the other. What each gave is put below `/steps` of the scope, for those that follow; the last one's is
 * the answer.
 */
export async function runSteps(steps: readonly Step[], scope: Scope, place: Place): Promise<Prediction> {
  const given = scope.steps as JsonObject;
  let last = nothing;
  for (const [i, step] of steps.entries()) {
    const { signal } = place.world;
    if (signal.aborted) throw signal.reason;
    last = await runStep(step, scope, { ...place, onText: i === steps.length - 1 ? place.onText : null });
    given[step.id] = last.output;
  }
  return last;
}

async function runStep(step: Step, scope: Scope, place: Place): Promise<Prediction> {
  const path = `${place.prefix}${step.id}`;
  try {
    switch (step.do) {
      case 'prompt':
        return await runPrompt(step, scope, { ...place, path });
      case 'tool':
        return await runTool(step, scope, { ...place, path });
      case 'code':
        return await runCode(step, scope, { ...place, path });
      case 'branch':
        return await runBranch(step, scope, { ...place, path });
      case 'map':
        return await runMap(step, scope, { ...place, path });
      case 'parallel':
        return await runParallel(step, scope, { ...place, path });
      case 'retry':
        return await runRetry(step, scope, { ...place, path });
    }
  } catch (error) {
    throw stepError(error, { path, within: !leaves.has(step.do), signal: place.world.signal });
  }
}

type At = Place & { path: string };

/** As a step of the world. The text is lost when an earlier run did it; it is made of the output then. */
async function asStep(
  { world, path }: At,
  { kind, input }: { kind: SpanKind; input: Json },
  work: (inside: PredictWorld) => Promise<Prediction>,
): Promise<Prediction> {
  let text: string | null = null;
  const output = await world.step({ path, kind, input }, async (inside) => {
    const done = await work(inside);
    text = done.text;
    return done.output;
  });
  return { output, text: text ?? textOfValue(output) };
}

function askOf({ input, messages, parameters }: Of<'prompt'>, scope: Scope): PredictInput {
  const said = messages === undefined ? [] : fillMapping(messages, scope);
  if (!Array.isArray(said)) throw new WheelhouseError('signature_mismatch', 'Its `messages` are not a list.');
  const rest = messages === undefined ? (scope.input ?? {}) : {};
  return { input: input === undefined ? rest : fillMapping(input, scope), messages: said, parameters };
}

function runPrompt(step: Of<'prompt'>, scope: Scope, at: At): Promise<Prediction> {
  const ask = askOf(step, scope);
  return asStep(at, { kind: 'chain', input: { model: step.model, ...ask } }, (inside) =>
    inside.callModel(step.model, ask, at.onText),
  );
}

const inputOf = ({ input }: Of<'tool'> | Of<'code'>, scope: Scope): Json =>
  input === undefined ? (scope.input ?? null) : fillMapping(input, scope);

function runTool(step: Of<'tool'>, scope: Scope, at: At): Promise<Prediction> {
  const input = inputOf(step, scope);
  return asStep(at, { kind: 'tool', input }, (world) =>
    callApi(step.call, { ...scope, input }, { world, onText: at.onText }),
  );
}

function runCode(step: Of<'code'>, scope: Scope, at: At): Promise<Prediction> {
  const input = inputOf(step, scope);
  return asStep(at, { kind: 'tool', input }, async (inside) => {
    const output = await inside.runCode(step.source, input);
    return { output, text: textOfValue(output) };
  });
}

function runBranch(step: Of<'branch'>, scope: Scope, at: At): Promise<Prediction> {
  const taken = step.cases.findIndex(({ when }) => holds(when, scope));
  const steps = taken === -1 ? step.otherwise : step.cases[taken]?.steps;
  return asStep(at, { kind: 'chain', input: { case: taken === -1 ? 'otherwise' : taken } }, (world) =>
    steps === undefined
      ? Promise.resolve(nothing)
      : runSteps(steps, within(scope), { world, prefix: `${at.path}.`, onText: at.onText }),
  );
}

function runMap(step: Of<'map'>, scope: Scope, at: At): Promise<Prediction> {
  const items = valueAt(scope, pointerPath(step.over));
  if (!Array.isArray(items))
    throw new WheelhouseError('signature_mismatch', `There is no list at \`${step.over}\` to go through.`);
  if (items.length > mostItems)
    throw new WheelhouseError('signature_mismatch', `The list at \`${step.over}\` has ${items.length} items.`, {
      hint: `A map goes through ${mostItems} items at most.`,
    });
  return asStep(at, { kind: 'chain', input: items }, async (world) => {
    const done = await inPool(items.length, step.concurrency, (index) =>
      runSteps(step.steps, within(scope, { item: items[index] as Json, index }), {
        world,
        prefix: `${at.path}[${index}].`,
        onText: null,
      }),
    );
    const output = done.map((one) => one.output);
    return { output, text: textOfValue(output) };
  });
}

function runParallel(step: Of<'parallel'>, scope: Scope, at: At): Promise<Prediction> {
  const branches = Object.entries(step.branches);
  return asStep(at, { kind: 'chain', input: branches.map(([name]) => name) }, async (world) => {
    const done = await inPool(branches.length, parallelBranches, async (index) => {
      const [name, steps] = branches[index] as [string, Step[]];
      const { output } = await runSteps(steps, within(scope), { world, prefix: `${at.path}.${name}.`, onText: null });
      return [name, output] as const;
    });
    const output: JsonObject = Object.fromEntries(done);
    return { output, text: textOfValue(output) };
  });
}

function runRetry(step: Of<'retry'>, scope: Scope, at: At): Promise<Prediction> {
  return asStep(at, { kind: 'chain', input: { times: step.times } }, async (world) => {
    for (let attempt = 0; ; attempt++) {
      try {
        // Pieces of an attempt that fails could not be taken back, so nothing is streamed from inside.
        return await runSteps(step.steps, within(scope), { world, prefix: `${at.path}[${attempt}].`, onText: null });
      } catch (error) {
        if (world.signal.aborted || attempt + 1 >= step.times || !mayPass(error)) throw error;
        const asked = error instanceof WheelhouseError ? (error.retryAfterMs ?? 0) : 0;
        await world.sleep(Math.min(longestWaitMs, Math.max(asked, step.waitMs * 2 ** attempt)));
      }
    }
  });
}
