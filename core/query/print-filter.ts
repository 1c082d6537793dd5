import type { Filter, TextPattern } from '../records/index.ts';
import { findField } from './fields.ts';
import { printNumber, printTime } from './units.ts';

/** Text that reads back as itself: bare where nothing in it means anything to the language. */
const quoteUnless = (bare: boolean, text: string): string =>
  bare ? text : `"${text.replace(/["\\]/g, (char) => `\\${char}`)}"`;

const printPiece = (text: string): string =>
  text === '' ? '' : quoteUnless(/^[^\s",()*\\:<>=][^\s",()*\\]*$/.test(text), text);
const printPattern = (pattern: TextPattern): string =>
  pattern.length === 1 && pattern[0] === '' ? '""' : pattern.map(printPiece).join('*');
const printPatterns = (patterns: readonly TextPattern[]): string => patterns.map(printPattern).join(',');
const printWords = (text: string): string =>
  quoteUnless(/^[^\s",()*\\:<>=-][^\s",()*\\:<>=]*$/.test(text) && !/^(?:or|and)$/i.test(text), text);

const scoreName = (name: string | null): string =>
  name === null ? 'score' : `score.${quoteUnless(/^[^\s:<>="(),\\]+$/.test(name), name)}`;

const unitOf = (field: string) => findField(field)?.unit ?? 'count';

function printInner(filter: Filter): string {
  return filter.type === 'any' || (filter.type === 'all' && filter.of.length > 1)
    ? `(${printFilter(filter)})`
    : printFilter(filter);
}

/** The canonical text of a filter; {@link parseFilter} reads it back as the same tree. */
export function printFilter(filter: Filter): string {
  switch (filter.type) {
    case 'all':
      return filter.of.map(printInner).join(' ');
    case 'any':
      return filter.of.map(printFilter).join(' or ');
    case 'not':
      return `-${printInner(filter.of)}`;
    case 'words':
      return printWords(filter.text);
    case 'is':
      return `${filter.field}:${printPatterns(filter.patterns)}`;
    case 'compare':
      return `${filter.field}${filter.op}${printNumber(filter.value, unitOf(filter.field))}`;
    case 'equals':
      return `${filter.field}:${filter.values.map((value) => printNumber(value, unitOf(filter.field))).join(',')}`;
    case 'score':
      return `${scoreName(filter.name)}${filter.op}${filter.value}`;
    case 'scored':
      return filter.patterns.length === 0
        ? `has:${filter.name === null ? 'score' : printPiece(`score.${filter.name}`)}`
        : `${scoreName(filter.name)}:${printPatterns(filter.patterns)}`;
    case 'has':
      return `has:${filter.field}`;
    case 'last':
      return `last:${printNumber(filter.ns, 'time')}`;
    case 'since':
    case 'until':
      return `${filter.type}:${printTime(filter.ns)}`;
  }
}
