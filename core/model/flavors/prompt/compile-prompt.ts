import type { Json } from '../../../records/index.ts';
import { memo } from '../../memo.ts';
import { parseTemplate, type Template } from '../../template/parse-template.ts';
import type { PromptDefinition, PromptPart } from './definition.ts';

type Content = Template | CompiledPiece[];
type CompiledPiece = { kind: 'text'; text: Template } | { kind: 'image'; url: Template };

/** A part of a prompt, its templates parsed. */
export type CompiledPart =
  | { kind: 'message'; role: string; content: Content }
  | { kind: 'placeholder'; name: string }
  | { kind: 'include'; ref: string }
  | { kind: 'examples'; examples: { input: Json; answer: string }[]; user: Template };

export type CompiledPrompt = {
  parts: CompiledPart[];
  /** Of a text prompt, which others may take as a partial. */
  text: Template | null;
  partials: ReadonlyMap<string, Template>;
};

export const isText = (content: Content): content is Template => !Array.isArray(content);

function compileContent(part: Extract<PromptPart, { role: string }>, param: string): Content {
  if (typeof part.content === 'string') return parseTemplate(part.content, `${param}.content`);
  return part.content.map((piece, i) =>
    piece.type === 'text'
      ? { kind: 'text', text: parseTemplate(piece.text, `${param}.content[${i}].text`) }
      : { kind: 'image', url: parseTemplate(piece.image_url.url, `${param}.content[${i}].image_url.url`) },
  );
}

const answerOf = (output: Json): string => (typeof output === 'string' ? output : JSON.stringify(output));

function compilePart(part: PromptPart, param: string): CompiledPart {
  if ('role' in part) return { kind: 'message', role: part.role, content: compileContent(part, param) };
  if ('placeholder' in part) return { kind: 'placeholder', name: part.placeholder };
  if ('include' in part) return { kind: 'include', ref: part.include };
  const examples = part.examples.map(({ input, output }) => ({ input, answer: answerOf(output) }));
  return { kind: 'examples', examples, user: parseTemplate(part.user, `${param}.user`) };
}

/**
 * A prompt with its templates parsed, once for each definition.
 * @throws WheelhouseError `invalid_request` that names the template
 */
export const compilePrompt: (definition: PromptDefinition) => CompiledPrompt = memo((definition: PromptDefinition) => {
  const text = definition.template === undefined ? null : parseTemplate(definition.template, 'definition.template');
  const parts: CompiledPart[] =
    text === null
      ? (definition.messages ?? []).map((part, i) => compilePart(part, `definition.messages[${i}]`))
      : [{ kind: 'message', role: 'user', content: text }];
  const partials = Object.entries(definition.partials ?? {}).map(
    ([name, source]) => [name, parseTemplate(source, `definition.partials.${name}`)] as const,
  );
  return { parts, text, partials: new Map(partials) };
});
