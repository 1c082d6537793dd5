import { isJsonObject, type JsonObject, type Signature, WheelhouseError } from '../../records/index.ts';
import { modelDefinition } from '../flavors.ts';
import type { VersionContent } from './print-version.ts';
import { promptOfSections } from './prompt-sections.ts';
import { readSections } from './sections.ts';
import { readYaml } from './yaml.ts';

/** `signature`: as far as the file says it; the rest is inferred when it is published. */
export type ParsedVersion = Omit<VersionContent, 'signature'> & { signature: Partial<Signature> };

const refuse = (message: string, hint: string) =>
  new WheelhouseError('invalid_request', message, { param: 'file', hint });

function split(file: string): { front: string; below: string; firstLine: number } {
  const text = file.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 3) : -1;
  const atEnd = text.startsWith('---\n') && end === -1 && text.endsWith('\n---') ? text.length - 4 : end;
  if (atEnd === -1)
    throw refuse('The file does not begin with its settings.', 'Write them as YAML between two lines of `---`.');
  const front = text.slice(4, atEnd + 1);
  return { front, below: text.slice(atEnd + 5), firstLine: front.split('\n').length + 2 };
}

function readFront(text: string): JsonObject {
  const front = readYaml(text, 'The settings');
  if (!isJsonObject(front)) throw refuse('The settings are not members with values.', 'Begin with `flavor: prompt`.');
  return front;
}

/**
 * Reads what {@link printVersion} wrote, or a person did.
 * @throws WheelhouseError `invalid_request` that says what is wrong and where
 */
export function parseVersion(file: string): ParsedVersion {
  const { front, below, firstLine } = split(file);
  const { message = '', example = null, signature = {}, ...settings } = readFront(front);
  if (typeof message !== 'string') throw refuse('`message` is not text.', 'Put it in quotes.');
  if (!isJsonObject(signature)) throw refuse('`signature` has no `input` or `output`.', 'Give both as JSON Schema.');
  const sections = readSections(below, firstLine);
  if (sections.length > 0 && settings.flavor !== 'prompt')
    throw refuse('Headings are for prompts only.', 'Write everything between the lines of `---`.');
  const parsed = modelDefinition.safeParse({ ...settings, ...promptOfSections(sections) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(
      `The definition is not valid: ${issue?.path.join('.')}: ${issue?.message}.`,
      'Correct the named member.',
    );
  }
  return { definition: parsed.data, signature: signature as Partial<Signature>, example, message };
}
