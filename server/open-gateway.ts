import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Admission,
  AnswerCache,
  AskModel,
  CallCopier,
  CallRecorder,
  Clock,
  Predictor,
  PriceReader,
  ProviderReader,
  Random,
  ResponseState,
  SchemaChecker,
  UserGate,
} from '@wheelhouse/core/ports';
import { nanosToMs, type ProjectId } from '@wheelhouse/core/records';
import { simEmbeddingModel, simModels } from '@wheelhouse/core/sim';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  createAskModel,
  createEmbedder,
  createGateway,
  createInnerCall,
  createKeptResponses,
  createPredictDoor,
  createServe,
  createTargetHandlers,
  createTasks,
  type GatewayDeps,
  type Metrics,
} from './gateway/index.ts';
import { createModelRunners, evaluator } from './models/index.ts';
import type { Routing } from './open-routing.ts';

export type GatewayParts = {
  providers: ProviderReader;
  routing: Routing;
  models: GatewayDeps['models'];
  admission: Admission;
  /** Takes no calls of end users who are held. */
  gate: UserGate;
  /** null: there is none. */
  cache: AnswerCache | null;
  copier: CallCopier;
  /** Where responses are kept that callers come back to. */
  state: ResponseState;
  recorder: CallRecorder;
  metrics: Metrics;
  prices: PriceReader;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Asks whatever answers, over what the gateway itself can ask. */
  predictorOver(askModel: AskModel): Predictor;
};

/** The gateway with all that it needs, and its numbers beside those of the process. */
export function openGateway(parts: GatewayParts) {
  const { providers, routing, models, clock, random, checker, metrics, gate } = parts;
  const nowMs = () => Date.now();
  const routes = (project: ProjectId) => routing.table(project);
  const tasks = createTasks({ routes, checker, random, nowMs });
  const { health } = routing;
  const { serve, stop } = createServe({
    ...{ ...parts, tasks, health, nowMs, chance: Math.random },
    predictor: { predict: (request) => predictor.predict(request) },
  });
  const predictor = parts.predictorOver(createAskModel({ serve, tasks }));
  const gateway = createGateway({
    ...{ serve, gate, tasks, providers, metrics, routes, models },
    responses: createKeptResponses(parts.state, { nowMs, random }),
    baseModels: [...simModels, simEmbeddingModel].map((name) => `sim/${name}`),
    startedAt: Math.floor(nanosToMs(clock.now()) / 1_000),
  });
  const embedderFor = createEmbedder({ serve, tasks });
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });

  async function sendMetrics(_: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = metrics.text() + (await registry.metrics());
    res.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' });
    res.end(text);
  }

  const handlers = createTargetHandlers({ health, routes, running: metrics.running, nowMs });
  return {
    ...{ gateway, handlers, predictor, registry, sendMetrics, stop },
    predict: createPredictDoor(predictor, gate).handle,
    runnerOf: createModelRunners({ predictor, random }),
    embedderOf: (project: ProjectId) => embedderFor(evaluator(project)),
    call: createInnerCall({ serve, tasks, gate }),
  };
}
