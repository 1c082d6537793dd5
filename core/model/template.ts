import Mustache from 'mustache';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';

/** Mustache's parse tree: kind, name, start, end, children. */
type Token = [kind: string, name: string, start: number, end: number, children?: Token[]];

function parse(template: string): Token[] {
  try {
    return Mustache.parse(template) as unknown as Token[];
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_request', `The template is not valid Mustache: ${reason}.`, {
      param: 'messages',
      hint: 'Write variables as {{name}}, sections as {{#name}}…{{/name}}.',
      cause,
    });
  }
}

function collect(tokens: Token[], into: Set<string>): void {
  for (const [kind, name, , , children] of tokens) {
    if (kind === '>')
      throw new WheelhouseError(
        'invalid_request',
        `The template includes \`{{>${name}}}\`, but there are no partials.`,
        {
          param: 'messages',
          hint: 'Write the text into the template.',
        },
      );
    if (kind === 'name' || kind === '&' || kind === '#' || kind === '^') {
      const root = name.split('.')[0];
      if (root && name !== '.') into.add(root);
    }
    // Names inside a section may be fields of the list's items, so they are not variables of their own.
    if (kind === '^' && children) collect(children, into);
  }
}

/** Names of the variables that a template reads, in order of appearance. */
export function templateVariables(template: string): string[] {
  const names = new Set<string>();
  collect(parse(template), names);
  return [...names];
}

/** Without prototypes, so that `{{constructor}}` finds nothing. */
function bare(value: Json): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (!isJsonObject(value)) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of Object.entries(value)) copy[key] = bare(member);
  return copy;
}

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** Values are inserted as they are and never parsed again; objects become JSON. */
export function renderTemplate(template: string, variables: JsonObject): string {
  const writer = new Mustache.Writer();
  // The default cache keeps every template that was ever rendered.
  (writer as { templateCache?: unknown }).templateCache = undefined;
  return writer.render(template, bare(variables), undefined, { escape: textOf });
}
