import type { Json, JsonObject } from '../../records/index.ts';
import type { PromptDefinition, PromptPart } from '../flavors/prompt/index.ts';
import { isPlain, isTitle, type Section } from './sections.ts';
import { printYaml, readYaml } from './yaml.ts';

const fenced = (json: Json): string => `\`\`\`yaml\n${printYaml(json)}\`\`\``;

function readFenced({ title, text }: Section): Json {
  const inner = text
    .trim()
    .replace(/^```(?:ya?ml)?\n/, '')
    .replace(/\n?```$/, '');
  return readYaml(inner, `The lines below \`## ${title}\``);
}

function sectionOf(part: PromptPart): Section {
  if ('placeholder' in part) return { title: `placeholder: ${part.placeholder}`, text: '' };
  if ('include' in part) return { title: `include: ${part.include}`, text: '' };
  if ('examples' in part) return { title: 'examples', text: fenced(part as unknown as Json) };
  if (typeof part.content === 'string') return { title: part.role, text: part.content };
  return { title: `${part.role} parts`, text: fenced(part.content as unknown as Json) };
}

/** The templates of a prompt as sections of a file; null: some text in them would not come back as it was. */
export function promptSections({ template, messages, partials }: PromptDefinition): Section[] | null {
  const sections = [
    ...(template === undefined ? [] : [{ title: 'template', text: template }]),
    ...(messages ?? []).map(sectionOf),
    ...Object.entries(partials ?? {}).map(([name, text]) => ({ title: `partial: ${name}`, text })),
  ];
  return sections.every(({ title, text }) => isTitle(title) && isPlain(text)) ? sections : null;
}

function partOf(section: Section): JsonObject | null {
  const { title, text } = section;
  const [kind = '', name = ''] = title.split(/: (.*)/s);
  if (kind === 'placeholder' || kind === 'include') return { [kind]: name };
  if (kind === 'examples') return readFenced(section) as JsonObject;
  const [role = '', parts] = kind.split(' ');
  if (kind === 'template' || kind === 'partial') return null;
  return { role, content: parts === undefined ? text : readFenced(section) };
}

/** Members of a definition that stand in sections. */
export function promptOfSections(sections: readonly Section[]): JsonObject {
  const template = sections.find(({ title }) => title === 'template')?.text;
  const messages = sections.map(partOf).filter((part) => part !== null);
  const partials = sections
    .filter(({ title }) => title.startsWith('partial: '))
    .map(({ title, text }) => [title.slice('partial: '.length), text]);
  return {
    ...(template === undefined ? {} : { template }),
    ...(messages.length === 0 ? {} : { messages }),
    ...(partials.length === 0 ? {} : { partials: Object.fromEntries(partials) }),
  };
}
