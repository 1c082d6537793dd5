import { type ModelVersion, WheelhouseError } from '../../../records/index.ts';
import type { FindVersion } from '../../flavor.ts';
import type { Template } from '../../template/parse-template.ts';
import type { Partials } from '../../template/render-template.ts';
import { type CompiledPart, type CompiledPrompt, compilePrompt } from './compile-prompt.ts';
import type { PromptDefinition } from './definition.ts';

/** On the way into partials and included prompts: what is open already, outermost first. */
type Trail = readonly { what: unknown; name: string }[];

const noTrail: Trail = [];

function enter(trail: Trail, what: unknown, name: string): Trail {
  if (!trail.some((open) => open.what === what)) return [...trail, { what, name }];
  const names = [...trail.slice(trail.findIndex((open) => open.what === what)).map((open) => open.name), name];
  throw new WheelhouseError('invalid_request', `Prompts go in a circle: ${names.join(' → ')}.`, {
    param: 'definition',
    hint: 'Take one of them out of the other, or move the alias that closes the circle.',
  });
}

const isPrompt = (definition: ModelVersion['definition']): definition is PromptDefinition =>
  definition.flavor === 'prompt';

function promptAt(ref: string, find: FindVersion): PromptDefinition {
  const found = find(ref);
  if (found && isPrompt(found.definition)) return found.definition;
  const reason = found
    ? `${ref} is of flavor ${found.definition.flavor}, not a prompt`
    : `there is no prompt \`${ref}\``;
  throw new WheelhouseError('invalid_request', `The prompt takes another that cannot be taken: ${reason}.`, {
    param: 'definition',
    hint: 'Name a prompt of the project as name@alias or name@2.',
  });
}

/** What stands in a prompt beside its own text, as far as it leads. */
function partialsOf(prompt: CompiledPrompt, find: FindVersion, trail: Trail = noTrail): Partials {
  return (name) => {
    const own = prompt.partials.get(name);
    if (own) return { template: own, partials: partialsOf(prompt, find, enter(trail, own, name)) };
    if (!name.includes('@'))
      throw new WheelhouseError('invalid_request', `The prompt takes {{>${name}}}, which is not one of its partials.`, {
        param: 'definition.partials',
        hint: `Add \`${name}\` to \`partials\`, or name a text prompt of the project as {{>${name}@production}}.`,
      });
    const other = compilePrompt(promptAt(name, find));
    const template: Template | null = other.text;
    if (template === null)
      throw new WheelhouseError('invalid_request', `{{>${name}}} is a prompt of messages, not a text prompt.`, {
        param: 'definition',
        hint: `Take its messages with {"include": "${name}"} in \`messages\`.`,
      });
    return { template, partials: partialsOf(other, find, enter(trail, template, name)) };
  };
}

/** A part with what its partials mean. */
export type ResolvedPart = { part: Exclude<CompiledPart, { kind: 'include' }>; partials: Partials };

/** All together; includes that multiply stop here. */
const mostParts = 10_000;

/**
 * The parts of a prompt, those of included prompts in their places.
 * @throws WheelhouseError `invalid_request` that names what is missing, or the circle
 */
export function resolveParts(definition: PromptDefinition, find: FindVersion): ResolvedPart[] {
  const resolved: ResolvedPart[] = [];
  function add(at: PromptDefinition, trail: Trail): void {
    const prompt = compilePrompt(at);
    const partials = partialsOf(prompt, find);
    for (const part of prompt.parts) {
      if (part.kind === 'include') {
        const other = promptAt(part.ref, find);
        add(other, enter(trail, other, part.ref));
      } else if (resolved.push({ part, partials }) > mostParts)
        throw new WheelhouseError('invalid_request', `The prompt grows beyond ${mostParts} messages.`, {
          param: 'definition',
        });
    }
  }
  add(definition, noTrail);
  return resolved;
}
