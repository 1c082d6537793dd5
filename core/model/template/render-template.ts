import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { type Piece, parseTemplate, type Template } from './parse-template.ts';

/** Where `{{>name}}` leads: a template, and what its own partials mean. */
export type Partials = (name: string) => { template: Template; partials: Partials };

export type RenderOptions = {
  /** What a value becomes, for example percent-encoded. */
  write?: (text: string) => string;
  partials?: Partials;
  param?: string;
};

/** Characters that come out, and tags that are gone through, of one template. */
const most = { characters: 16 * 1024 * 1024, steps: 2_000_000 };

export const noPartials: Partials = (name) => {
  throw new WheelhouseError('invalid_request', `The template takes the partial {{>${name}}}, which is not there.`, {
    param: 'template',
    hint: 'Give it under `partials`, or name a text prompt of the project as {{>name@alias}}.',
  });
};

type State = {
  out: string;
  steps: number;
  write: (text: string) => string;
  /** Innermost last. */
  contexts: Json[];
  param: string;
};

const asIs = (text: string) => text;

function memberOf(value: Json | undefined, key: string): Json | undefined {
  // Own members only: there is nothing of JavaScript behind a value.
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as JsonObject)[key];
}

function lookUp(path: readonly string[], contexts: readonly Json[]): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return contexts.at(-1);
  for (let i = contexts.length - 1; i >= 0; i--) {
    const found = memberOf(contexts[i], first);
    if (found !== undefined) return rest.length === 0 ? found : rest.reduce<Json | undefined>(memberOf, found);
  }
  return undefined;
}

/** A value as templates write it: text as it is, nothing for null, JSON for lists and objects. */
export function textOfValue(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const isEmpty = (value: Json | undefined): boolean => !value || (Array.isArray(value) && value.length === 0);

function renderSection(piece: Piece & { kind: 'section' }, state: State, partials: Partials): void {
  const value = lookUp(piece.path, state.contexts);
  if (piece.inverted) {
    if (isEmpty(value)) renderPieces(piece.inner, state, partials);
    return;
  }
  if (isEmpty(value)) return;
  for (const item of Array.isArray(value) ? value : [value as Json]) {
    if (item === true) renderPieces(piece.inner, state, partials);
    else {
      state.contexts.push(item);
      renderPieces(piece.inner, state, partials);
      state.contexts.pop();
    }
  }
}

const indentedBy = new WeakMap<Template, Map<string, Template>>();

/** A partial that stands alone on its line brings that line's indentation to each of its own. */
export function indented(template: Template, indent: string): Template {
  if (indent === '') return template;
  const known = indentedBy.get(template) ?? new Map<string, Template>();
  indentedBy.set(template, known);
  const found = known.get(indent) ?? parseTemplate(template.source.replace(/^(?=[^\n])/gm, indent));
  known.set(indent, found);
  return found;
}

function renderPieces(pieces: readonly Piece[], state: State, partials: Partials): void {
  for (const piece of pieces) {
    if (++state.steps > most.steps || state.out.length > most.characters)
      throw new WheelhouseError('invalid_request', 'The template grows too long with these values.', {
        param: state.param,
        hint: `It stops at ${most.characters} characters and ${most.steps} tags.`,
      });
    if (piece.kind === 'text') state.out += piece.text;
    else if (piece.kind === 'value') state.out += state.write(textOfValue(lookUp(piece.path, state.contexts)));
    else if (piece.kind === 'section') renderSection(piece, state, partials);
    else {
      const found = partials(piece.name);
      renderPieces(indented(found.template, piece.indent).pieces, state, found.partials);
    }
  }
}

/** Values are inserted as they are and never parsed again; objects become JSON. */
export function renderTemplate(template: Template, values: Json, options: RenderOptions = {}): string {
  const [only] = template.pieces;
  if (template.pieces.length === 1 && only?.kind === 'text') return only.text;
  const { write = asIs, partials = noPartials, param = 'variables' } = options;
  const state: State = { out: '', steps: 0, write, contexts: [values], param };
  renderPieces(template.pieces, state, partials);
  return state.out;
}
