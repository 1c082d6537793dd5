import type { ModelVersionBody, RequestBody } from '@wheelhouse/sdk';

/** What a version is inside, as it is sent. */
export type Definition = RequestBody<'createVersion'>['definition'];
export type PromptDefinition = Extract<Definition, { flavor: 'prompt' }>;
export type PromptPart = NonNullable<PromptDefinition['messages']>[number];
export type Signature = ModelVersionBody['signature'];
export type Flavor = Definition['flavor'];

/** What can be written in a page; code is registered where it runs. */
export const flavors = [
  { flavor: 'prompt', label: 'Prompt', about: 'a template for a base model' },
  { flavor: 'base', label: 'Base model', about: 'a base model with parameters' },
  { flavor: 'chain', label: 'Chain', about: 'steps, one after the other' },
  { flavor: 'endpoint', label: 'Endpoint', about: 'any HTTP API' },
  { flavor: 'program', label: 'Program', about: 'modules with signatures, and what was tuned' },
] as const satisfies { flavor: Flavor; label: string; about: string }[];

export const isDirect = ({ flavor }: { flavor: string }): boolean => flavor === 'prompt' || flavor === 'base';

export const emptyPrompt = (baseModel = 'sim/echo'): PromptDefinition => ({
  flavor: 'prompt',
  baseModel,
  messages: [{ role: 'system', content: '' }],
  parameters: {},
});

/** The same as another flavor, as far as it can be said there. */
export function asFlavor(definition: Definition, flavor: Flavor): Definition {
  const direct = definition.flavor === 'prompt' || definition.flavor === 'base' ? definition : null;
  const baseModel = direct?.baseModel ?? 'sim/echo';
  const parameters = direct?.parameters ?? {};
  switch (flavor) {
    case 'base':
      return { flavor, baseModel, parameters };
    case 'prompt':
      return { ...emptyPrompt(baseModel), parameters };
    case 'chain':
      return {
        flavor,
        steps: [{ id: 'answer', do: 'prompt', model: baseModel, input: { $from: '/input' } }],
      } as Definition;
    case 'endpoint':
      return { flavor, url: 'https://api.example.com/answer', method: 'POST', body: { question: '{{question}}' } };
    case 'program':
      return {
        flavor,
        model: baseModel,
        program: { module: 'chain-of-thought', signature: 'question -> answer' },
      };
    case 'code':
      return definition;
  }
}

/** What is sent: messages without words are left out. */
export function tidied(definition: Definition): Definition {
  if (definition.flavor !== 'prompt' || definition.messages === undefined) return definition;
  return {
    ...definition,
    messages: definition.messages.filter((part) => !('role' in part) || part.content !== ''),
  };
}

type Property = { name: string; isText: boolean; required: boolean };

/** The variables that an input schema asks for. */
export function variablesOf(input: Record<string, unknown>): Property[] {
  const properties = (input.properties ?? {}) as Record<string, { type?: unknown } | undefined>;
  const required = Array.isArray(input.required) ? input.required : [];
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    isText: schema?.type === 'string',
    required: required.includes(name),
  }));
}
