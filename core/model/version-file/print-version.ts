import type { JsonObject, ModelVersion } from '../../records/index.ts';
import type { PromptDefinition } from '../flavors/prompt/index.ts';
import { promptSections } from './prompt-sections.ts';
import { printSections } from './sections.ts';
import { printYaml } from './yaml.ts';

/** What of a version stands in its file. */
export type VersionContent = Pick<ModelVersion, 'definition' | 'signature' | 'example' | 'message'>;

const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/**
 * A version as a file to read, to edit and to compare: Markdown, with its settings as YAML on top and the messages of a
 * prompt below, a heading each. {@link parseVersion} gives the same version back.
 */
export function printVersion({ definition, signature, example, message }: VersionContent): string {
  const { flavor, baseModel, ...rest } = definition as unknown as JsonObject;
  const sections = flavor === 'prompt' ? promptSections(definition as PromptDefinition) : [];
  const { parameters, template, messages, partials, ...others } = rest;
  const inFront =
    sections === null || flavor !== 'prompt'
      ? { template, messages, partials }
      : { messages: isEmpty(messages) ? messages : undefined, partials: isEmpty(partials) ? partials : undefined };
  const front = {
    flavor,
    baseModel,
    parameters: isEmpty(parameters) ? undefined : parameters,
    ...inFront,
    ...others,
    message: message === '' ? undefined : message,
    example: example === null ? undefined : example,
    signature,
  };
  const given = Object.fromEntries(Object.entries(front).filter(([, value]) => value !== undefined));
  return `---\n${printYaml(given as JsonObject)}---\n${printSections(sections ?? [])}`;
}
