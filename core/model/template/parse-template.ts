import { WheelhouseError } from '../../records/index.ts';

/** A piece of a template. `path` is empty for `{{.}}`. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'value'; name: string; path: string[] }
  | { kind: 'section'; name: string; path: string[]; inverted: boolean; inner: Piece[] }
  | { kind: 'partial'; name: string; indent: string };

/** A parsed template, with the text that it was parsed from. */
export type Template = { source: string; pieces: Piece[] };

type Tag = { sigil: string; name: string; start: number; end: number };

/** Sections within sections; so deep is no template that a person wrote, and no stack is in danger. */
const deepest = 100;

function invalid(
  reason: string,
  param: string,
  hint = 'Write variables as {{name}}, sections as {{#name}}…{{/name}}.',
) {
  return new WheelhouseError('invalid_request', `The template is not valid Mustache: ${reason}.`, { param, hint });
}

/** Line and column from 1, as editors count. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

const sigils = new Set(['#', '^', '/', '>', '&', '!', '=', '{']);

type Delimiters = { open: string; close: string };

function readDelimiters(text: string): Delimiters | null {
  const [open, close, ...more] = text.trim().split(/\s+/);
  return open && close && more.length === 0 && !/=/.test(open + close) ? { open, close } : null;
}

function readTag(text: string, start: number, { open, close }: Delimiters, param: string): Tag {
  let at = start + open.length;
  while (/\s/.test(text[at] ?? '')) at++;
  const given = text[at] ?? '';
  const sigil = sigils.has(given) ? given : '';
  at += sigil.length;
  const ending = sigil === '{' ? `}${close}` : sigil === '=' ? `=${close}` : close;
  const end = text.indexOf(ending, at);
  if (end === -1) throw invalid(`the tag at ${placeOf(text, start)} is not closed`, param);
  return { sigil, name: text.slice(at, end).trim(), start, end: end + ending.length };
}

/** Tags and the text between them, in order. */
function scan(text: string, param: string): (Tag | string)[] {
  const found: (Tag | string)[] = [];
  let delimiters: Delimiters = { open: '{{', close: '}}' };
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf(delimiters.open, at);
    if (start === -1) {
      found.push(text.slice(at));
      break;
    }
    if (start > at) found.push(text.slice(at, start));
    const tag = readTag(text, start, delimiters, param);
    if (tag.sigil === '=') {
      const next = readDelimiters(tag.name);
      if (next === null) throw invalid(`the delimiters at ${placeOf(text, start)} are not two words`, param);
      delimiters = next;
    }
    found.push(tag);
    at = tag.end;
  }
  return found;
}

const isBlank = (text: string) => /^[ \t\r]*$/.test(text);
const standsAlone = (tag: Tag) => tag.sigil !== '' && tag.sigil !== '&' && tag.sigil !== '{';

/**
 * A line that holds nothing but one tag which writes nothing itself leaves no line behind, as the Mustache specification
 * has it. Gives a partial that stood so the indentation of its line.
 */
function dropBareLines(found: (Tag | string)[]): { kept: (Tag | string)[]; indents: Map<Tag, string> } {
  const kept: (Tag | string)[] = [];
  const indents = new Map<Tag, string>();
  let line: (Tag | string)[] = [];
  function endLine(): void {
    const [tag, ...more] = line.filter((item): item is Tag => typeof item !== 'string');
    const isBare =
      tag !== undefined &&
      more.length === 0 &&
      standsAlone(tag) &&
      line.every((item) => typeof item !== 'string' || isBlank(item.replace('\n', '')));
    if (isBare) {
      indents.set(tag, typeof line[0] === 'string' ? line[0] : '');
      kept.push(tag);
    } else kept.push(...line);
    line = [];
  }
  for (const item of found) {
    if (typeof item !== 'string') {
      line.push(item);
      continue;
    }
    for (let at = 0; at < item.length; ) {
      const feed = item.indexOf('\n', at);
      const end = feed === -1 ? item.length : feed + 1;
      line.push(item.slice(at, end));
      if (feed !== -1) endLine();
      at = end;
    }
  }
  endLine();
  return { kept, indents };
}

const pathOf = (name: string): string[] => (name === '.' ? [] : name.split('.'));

/**
 * Reads Mustache: variables, sections, partials, comments, other delimiters. Takes time in proportion to the text.
 * @param param the request member that errors name
 * @throws WheelhouseError `invalid_request` with line and column
 */
export function parseTemplate(source: string, param = 'template'): Template {
  const { kept, indents } = dropBareLines(scan(source, param));
  const pieces: Piece[] = [];
  const open: { tag: Tag; outer: Piece[] }[] = [];
  let into = pieces;
  for (const item of kept) {
    if (typeof item === 'string') {
      const last = into.at(-1);
      if (last?.kind === 'text') last.text += item;
      else into.push({ kind: 'text', text: item });
      continue;
    }
    const { sigil, name, start } = item;
    if (sigil === '!' || sigil === '=') continue;
    if (name === '') throw invalid(`the tag at ${placeOf(source, start)} has no name`, param);
    if (sigil === '#' || sigil === '^') {
      if (open.length === deepest) throw invalid(`sections are nested more than ${deepest} deep`, param);
      const inner: Piece[] = [];
      into.push({ kind: 'section', name, path: pathOf(name), inverted: sigil === '^', inner });
      open.push({ tag: item, outer: into });
      into = inner;
    } else if (sigil === '/') {
      const last = open.pop();
      if (!last) throw invalid(`{{/${name}}} at ${placeOf(source, start)} closes nothing`, param);
      if (last.tag.name !== name)
        throw invalid(`{{/${name}}} at ${placeOf(source, start)} closes {{#${last.tag.name}}}`, param);
      into = last.outer;
    } else if (sigil === '>') into.push({ kind: 'partial', name, indent: indents.get(item) ?? '' });
    else into.push({ kind: 'value', name, path: pathOf(name) });
  }
  const unclosed = open.at(-1);
  if (unclosed)
    throw invalid(`{{#${unclosed.tag.name}}} at ${placeOf(source, unclosed.tag.start)} is not closed`, param);
  return { source, pieces };
}
