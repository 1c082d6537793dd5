import type {
  AskModel,
  CallCopier,
  Clock,
  ModelHostStore,
  Predictor,
  ProviderReader,
  Random,
  SchemaChecker,
  SecretBox,
  SpanSink,
  WholeSpans,
} from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import {
  createCodeHandlers,
  createHostCaller,
  createHostHandlers,
  createHostReader,
  createPredictor,
  createSpanKeeper,
} from './models/index.ts';
import type { Routing } from './open-routing.ts';
import { callableAddress, createHttpCaller } from './providers/http-caller.ts';
import { createTransport } from './providers/transport.ts';
import { createSandbox } from './tools/sandbox/create-sandbox.ts';

export type ModelParts = {
  hosts: ModelHostStore;
  box: SecretBox;
  providers: ProviderReader;
  routing: Routing;
  sink: SpanSink;
  wholeSpans: WholeSpans;
  copier: CallCopier;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
  log: Logger;
};

/** Models that are more than one call, and what they reach the world by. */
export function openModels({ privateNetwork }: Pick<Config, 'privateNetwork'>, parts: ModelParts) {
  const { routing, providers, box } = parts;
  const routes = (project: ProjectId) => routing.table(project);
  const transport = createTransport();
  const sandbox = createSandbox();
  const keeper = createSpanKeeper(parts);
  const http = createHttpCaller({ transport, providers, privateNetwork });
  const reader = createHostReader(parts.hosts, () => Date.now());
  const hosts = createHostCaller({ http, reader, box });
  return {
    /** Over the gateway, which serves what they ask and has them answer what it is asked. */
    over: (askModel: AskModel): Predictor =>
      createPredictor({ ...parts, keeper, http, sandbox, hosts, askModel, routes }),
    handlers: {
      ...createHostHandlers({
        ...{ ...parts, routes },
        checkUrl: (url) => void callableAddress(url, privateNetwork),
        changed: () => reader.changed(),
      }),
      ...createCodeHandlers({ sandbox }),
    },
    http,
    sandbox,
    async close(): Promise<void> {
      keeper.close();
      sandbox.close();
      await transport.close();
    },
  };
}
