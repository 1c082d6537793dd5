import type { Client } from '@wheelhouse/sdk';
import { type ChatMessage, streamChat, streamPrediction } from '../../data/chat.ts';
import { isDirect, type Signature, tidied } from '../../data/definitions.ts';
import type { PlaygroundInput, Variant } from '../../data/playground-link.ts';
import type { Ask } from './use-runs.ts';

/** Only what this variant takes: others beside it may take more. */
function takenOf(input: Record<string, unknown>, signature: Signature | null): Record<string, unknown> {
  const schema = signature?.input;
  if (schema?.additionalProperties !== false) return input;
  const known = Object.keys((schema.properties ?? {}) as object);
  return Object.fromEntries(Object.entries(input).filter(([name]) => known.includes(name)));
}

const said = ({ content }: ChatMessage) => content !== '';

/**
 * How one variant is asked one input. A registered version is called by its name; what was edited is put together by the
 * server as it would be of a version, and its base model is called.
 */
export function askVariant(
  client: Client,
  variant: Variant,
  options: { input: PlaygroundInput; signature: Signature | null },
): Ask {
  const { definition, name, version } = variant;
  const messages = options.input.messages.filter(said);
  const variables = takenOf(options.input.variables, options.signature);
  return async ({ signal, onText }) => {
    if (name !== null && version !== null && !isDirect(definition))
      return streamPrediction({ model: `${name}@${version}`, input: variables, messages, signal }, onText);
    if (name !== null && version !== null)
      return streamChat({ model: `${name}@${version}`, messages, variables, signal }, onText);
    const { request } = await client.call('readDraft', {
      body: { definition: tidied(definition), input: variables },
      signal,
    });
    if (!request) throw new Error('A chain or an endpoint runs once it is a version: save it first.');
    return streamChat(
      {
        model: request.baseModel,
        messages: [...(request.messages as ChatMessage[]), ...messages],
        parameters: request.parameters,
        signal,
      },
      onText,
    );
  };
}
