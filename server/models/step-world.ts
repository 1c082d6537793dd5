import type { HttpCaller, Predicted, PredictInput, PredictWorld, Sandbox, SchemaChecker } from '@wheelhouse/core/ports';
import { type Caller, contentHash, type Json, type ModelVersion } from '@wheelhouse/core/records';
import { type FinishedSteps, stepNames } from './finished-steps.ts';
import type { HostCaller } from './host-caller.ts';
import type { OpenSpan, RunSpans } from './run-spans.ts';
import { sleep } from './sleep.ts';
import type { Tally } from './tally.ts';

export type WorldDeps = { checker: SchemaChecker; http: HttpCaller; sandbox: Sandbox; hosts: HostCaller };

/** What the steps of one run share. */
export type RunScope = {
  by: Caller;
  project: Caller['project'];
  /** `name@2`, for the spans of its steps. */
  versionName: string;
  modelName: string;
  version: ModelVersion;
  spans: RunSpans;
  tally: Tally;
  finished: FinishedSteps | null;
  signal: AbortSignal;
  /** Asks another model below the span. */
  ask(model: string, asked: PredictInput, below: { traceparent: string; onText: Asked }): Promise<Predicted>;
};

type Asked = Parameters<PredictWorld['callModel']>[2];

/** Everything that a model may ask, traced below a span. */
export function createWorld(deps: WorldDeps, scope: RunScope, below: OpenSpan): PredictWorld {
  const { by, signal, spans, tally, finished, versionName, modelName, version } = scope;
  const { traceparent } = below;

  async function step(
    { path, kind, input }: Parameters<PredictWorld['step']>[0],
    work: (inside: PredictWorld) => Promise<Json>,
  ): Promise<Json> {
    signal.throwIfAborted();
    const inputHash = contentHash(input);
    const known = finished?.find(versionName, path, inputHash) ?? null;
    const span = spans.open({
      ...{ parent: below.spanId, kind, name: path, model: null, input },
      attributes: {
        [stepNames.path]: path,
        [stepNames.of]: versionName,
        [stepNames.input]: inputHash,
        ...(known === null ? {} : { [stepNames.resumed]: true }),
      },
    });
    if (known !== null) {
      span.end(known);
      return known.output;
    }
    try {
      const output = await work(createWorld(deps, scope, span));
      span.end({ output });
      return output;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  return {
    checker: deps.checker,
    signal,
    step,
    async callModel(model, asked, onText) {
      const prediction = await scope.ask(model, asked, { traceparent, onText });
      tally.add(prediction);
      if (!prediction.ok) throw prediction.error;
      return { output: prediction.output, text: prediction.text };
    },
    callHttp: (asked) => deps.http.call({ ...asked, by, traceparent, signal }),
    runCode: (source, input) => deps.sandbox.run(source, input, signal),
    callHost: (asked, onText) =>
      deps.hosts.call({ by, model: modelName, version, ask: asked, traceparent, signal, onText }),
    sleep: (ms) => sleep(ms, signal),
  };
}
