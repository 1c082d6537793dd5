import { flavorOf, ownRequest } from '@wheelhouse/core/model';
import type { JsonObject, ModelDefinition, ModelVersion } from '@wheelhouse/core/records';
import type { Client } from '../client/index.ts';
import { valueChecker } from './check-values.ts';
import { loadVersion, splitRef } from './load-version.ts';

/** What is taken as long as the server has never answered: a prompt without others in it. */
export type DefaultPrompt = {
  /** `provider/model` */
  baseModel: string;
  /** In the place of `messages`: one user message. */
  template?: string;
  messages?: { role: 'system' | 'developer' | 'user' | 'assistant'; content: string }[];
  partials?: Record<string, string>;
  parameters?: Record<string, unknown>;
};

export type PromptOptions = {
  default: DefaultPrompt;
  /** How long a version is taken without asking again; 60 s unless said. */
  freshMs?: number;
  /** How long the first caller waits for the server before the default is taken; 2 s unless said. */
  waitMs?: number;
  /** Hears why the server could not be asked; whoever reads the prompt does not. */
  onError?(error: unknown): void;
};

/** A prompt with its variables in place, in the form of OpenAI's chat. */
export type CompiledPrompt = {
  /** As Wheelhouse calls it: `provider/model`. */
  baseModel: string;
  /** As its vendor calls it. */
  model: string;
  messages: { role: string; content: string | JsonObject[] }[];
  /** Request members such as `temperature`. */
  parameters: JsonObject;
  from: 'server' | 'default';
  /** null: the default. */
  version: number | null;
  /** `{prompt: 'greet@3'}`: what tells calls of one version from those of another, for `tracing.with({ metadata })`. */
  metadata: Record<string, string>;
};

export type Prompt<Variables extends object = Record<string, unknown>> = {
  /** @throws WheelhouseError `signature_mismatch`, naming every variable that is missing or unknown */
  compile(variables: Variables): Promise<CompiledPrompt>;
  /** Asks the server now. true: it answered. */
  refresh(): Promise<boolean>;
};

type Held = {
  name: string;
  number: number | null;
  version: Pick<ModelVersion, 'definition' | 'signature'>;
  find(ref: string): ModelVersion | null;
};

const defaultFreshMs = 60_000;
const defaultWaitMs = 2_000;
/** For the server to answer, behind the caller's back. */
const longestMs = 30_000;
/** After the server could not be asked. */
const retryMs = 5_000;

function heldDefault(name: string, given: DefaultPrompt): Held {
  const definition = { flavor: 'prompt', parameters: {}, ...given } as ModelDefinition;
  const find = () => null;
  const flavor = flavorOf(definition);
  const signature = flavor.infer(definition, { checker: valueChecker, find });
  flavor.check(definition, signature, { checker: valueChecker, find });
  return { name: `the default of ${name}`, number: null, version: { definition, signature }, find };
}

function compiled({ name, number, version, find }: Held, variables: object): CompiledPrompt {
  const { baseModel = '' } = version.definition;
  const request = ownRequest(version, variables as JsonObject, { name, checker: valueChecker, find });
  return {
    ...{ baseModel, model: baseModel.slice(baseModel.indexOf('/') + 1) },
    messages: request.messages as CompiledPrompt['messages'],
    parameters: request.parameters,
    from: number === null ? 'default' : 'server',
    version: number,
    metadata: { prompt: name },
  };
}

/**
 * A registered prompt for applications that call vendors themselves. What was read last is taken at once and read again
 * behind the caller's back when it is old; the default stands in as long as there is nothing else.
 * @param nowMs a clock that only goes forward
 * @throws WheelhouseError `invalid_request` for a default that cannot be rendered
 */
export function createPrompt<Variables extends object>(
  ref: string,
  options: PromptOptions,
  { client, nowMs }: { client: Client; nowMs(): number },
): Prompt<Variables> {
  const { freshMs = defaultFreshMs, waitMs = defaultWaitMs, onError } = options;
  const standIn = heldDefault(splitRef(ref).name, options.default);
  let held: Held | null = null;
  let askAgainAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<boolean> | null = null;
  let waited = false;

  async function ask(): Promise<boolean> {
    try {
      const { name, version, references } = await loadVersion(ref, client, AbortSignal.timeout(longestMs));
      if (flavorOf(version.definition).runs !== 'direct')
        throw new Error(`${ref} is of flavor ${version.definition.flavor}: ask it with model(…).predict().`);
      held = {
        name: `${name}@${version.number}`,
        ...{ number: version.number, version, find: (other) => references.get(other) ?? null },
      };
      askAgainAt = nowMs() + freshMs;
      return true;
    } catch (error) {
      askAgainAt = nowMs() + Math.min(retryMs, freshMs);
      onError?.(error);
      return false;
    } finally {
      asking = null;
    }
  }
  const refresh = (): Promise<boolean> => {
    asking ??= ask();
    return asking;
  };

  /** Only before the server was asked for the first time does somebody wait for it, and not for ever. */
  async function current(): Promise<Held> {
    if (nowMs() >= askAgainAt && asking === null) void refresh();
    if (held !== null || asking === null || waited) return held ?? standIn;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([asking, late]);
    clearTimeout(timer);
    waited = true;
    return held ?? standIn;
  }

  return {
    refresh,
    compile: async (variables) => compiled(await current(), variables),
  };
}
