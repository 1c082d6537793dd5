import { codecOf } from '@wheelhouse/core/dialect';
import type { ModelPart, Provider, ProviderEndpoint } from '@wheelhouse/core/ports';
import { editJsonObject, isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import type { Target } from '@wheelhouse/core/route';
import { countTokens } from './estimate-usage.ts';
import { modelOf, parseBody, whoOf } from './read-body.ts';
import { WholeAnswer } from './tap.ts';
import type { Task } from './task.ts';

const textOf = (parts: readonly ModelPart[]): string =>
  parts
    .map((part) => {
      if (part.type === 'toolCall') return `${part.name} ${part.arguments}`;
      if (part.type === 'toolResult') return textOf(part.parts);
      return 'text' in part ? part.text : '';
    })
    .join('\n');

/** What surrounds a message, and an image of ordinary size. */
const perMessage = 4;
const perFile = 1_600;

/** For models whose vendor does not count: with OpenAI's latest encoding. */
function countHere(body: JsonObject): number {
  const request = codecOf('anthropic-messages').readRequest(body);
  const tools = request.tools.length === 0 ? 0 : countTokens(JSON.stringify(request.tools));
  return request.messages.reduce((sum, { parts }) => {
    const files = parts.filter((part) => 'source' in part).length;
    return sum + countTokens(textOf(parts)) + perMessage + files * perFile;
  }, tools);
}

const anthropic = (provider: Provider | null): ProviderEndpoint | undefined =>
  provider?.endpoints.find(({ dialect }) => dialect === 'anthropic-messages');

export type TokenCount = { counted: number } | { task: Task };

/**
 * Anthropic's count_tokens: asked of the vendor where it can be, estimated here where not.
 * @throws WheelhouseError `invalid_json`, `invalid_request`, `model_not_found`
 */
export function countTokensTask(
  given: { text: string; headers: Record<string, string> },
  deps: { resolve(ref: string): Target; find(provider: string): Provider | null },
): TokenCount {
  const { text, headers } = given;
  const body = parseBody(text);
  const target = deps.resolve(modelOf(body));
  const asks = target.route.targets.every(({ provider }) => anthropic(deps.find(provider)) !== undefined);
  if (!asks || target.version !== null) return { counted: countHere(body) };
  const task: Task = {
    operation: 'count_tokens',
    target,
    streamed: false,
    tokens: { input: 0, output: 0 },
    ...whoOf(isJsonObject(body) ? body : {}),
    asked: { dialect: 'anthropic-messages', body, text, input: null },
    compose(provider, { vendorModel }) {
      const endpoint = anthropic(provider);
      if (endpoint === undefined)
        throw new WheelhouseError('unsupported_by_model', `${provider.name} counts no tokens.`, { param: 'model' });
      return {
        method: 'POST',
        path: `${endpoint.path(vendorModel, { stream: false })}/count_tokens`,
        headers: { ...headers, 'content-type': 'application/json', 'accept-encoding': 'identity' },
        body: Buffer.from(editJsonObject(text, new Map([['model', JSON.stringify(vendorModel)]]))),
        dialect: 'anthropic-messages',
        streamed: false,
        passes: true,
        tap: () => new WholeAnswer({ dialect: 'anthropic-messages', translate: null }),
      };
    },
  };
  return { task };
}
