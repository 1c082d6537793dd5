import {
  type CompareOp,
  everyTrace,
  type Filter,
  type NumberField,
  type TextField,
  type TextPattern,
} from '../records/index.ts';
import { allOf, anyOf, notOf } from './build-filter.ts';
import { type FieldInfo, fieldNames, fields, findField } from './fields.ts';
import { nearest } from './nearest.ts';
import { numberHint, parseNumber, parseTime } from './units.ts';

/** What is wrong with a filter, and where: a range of UTF-16 code units. */
export type FilterProblem = { message: string; hint: string; from: number; to: number };
export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; problem: FilterProblem };

type Place = { from: number; to: number };
/** A value as it was typed: with stars as gaps in `parts`, as they stand in `text`. */
type Value = Place & { parts: TextPattern; text: string; quoted: boolean };
type Head = Place & { field: FieldInfo; sub: string | null; op: ':' | CompareOp };

const fieldHead = /([a-z_]\w*)(?:\.("(?:[^"\\]|\\.)*"|[^\s:<>="(),]+))?(:(?:>=|<=|>|<|=)?|>=|<=|>|<|=)/iy;
const maxDepth = 50;
const hasTargets = fields.filter(({ takes }) => takes === 'text' || takes === 'number' || takes === 'score');

const unquote = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text);
const isSpace = (char: string): boolean => /\s/.test(char);

/** Words have no gaps: a star at an end says what holds anyway. */
const wordsOf = ({ text, quoted }: Value): Filter => ({
  type: 'words',
  text: quoted ? text : text.replace(/^\*+|\*+$/g, ''),
});

/** `a b` both, `a or b` either, `-a` not, `( )` group; a term is `field:value`, `field>value` or a word. */
class Parser {
  private at = 0;
  private depth = 0;
  private problem: FilterProblem | null = null;

  constructor(private readonly source: string) {}

  parse(): ParsedFilter {
    const filter = this.either();
    this.skipSpace();
    if (this.problem === null && this.at < this.source.length)
      this.fail({ from: this.at, to: this.at + 1 }, 'This `)` closes nothing.', 'Remove it, or quote it: ")".');
    return this.problem === null ? { ok: true, filter } : { ok: false, problem: this.problem };
  }

  private fail(place: Place, message: string, hint: string): Filter {
    this.problem ??= { message, hint, from: place.from, to: place.to };
    this.at = this.source.length;
    return everyTrace;
  }

  private skipSpace(): void {
    while (this.at < this.source.length && isSpace(this.source[this.at] ?? '')) this.at++;
  }

  private keyword(word: 'or' | 'and'): boolean {
    this.skipSpace();
    const end = this.at + word.length;
    const next = this.source[end] ?? ' ';
    if (this.source.slice(this.at, end).toLowerCase() !== word || !(isSpace(next) || next === '(' || next === ')'))
      return false;
    this.at = end;
    return true;
  }

  private either(): Filter {
    const first = this.both();
    const rest: Filter[] = [];
    let from = this.at;
    while (this.keyword('or')) {
      const next = this.both();
      rest.push(next);
      const empty = [first, next].some((side) => side.type === 'all' && side.of.length === 0);
      if (empty && this.problem === null)
        this.fail(
          { from, to: this.at },
          '`or` needs something on both sides.',
          'To search for the word, quote it: "or".',
        );
      from = this.at;
    }
    return anyOf([first, ...rest]);
  }

  private both(): Filter {
    const found: Filter[] = [];
    for (;;) {
      if (this.keyword('and')) continue;
      const start = this.at;
      if (this.keyword('or')) {
        this.at = start;
        break;
      }
      if (this.at >= this.source.length || this.source[this.at] === ')') break;
      found.push(this.term());
    }
    return allOf(found);
  }

  private term(): Filter {
    const from = this.at;
    if (this.source[from] === '-' && !isSpace(this.source[from + 1] ?? ' ')) {
      this.at++;
      return notOf(this.term());
    }
    if (this.source[from] === '(') return this.group();
    const head = this.head();
    if (this.problem !== null) return everyTrace;
    return head === null ? wordsOf(this.value()) : this.condition(head);
  }

  private group(): Filter {
    const from = this.at++;
    if (++this.depth > maxDepth)
      return this.fail({ from, to: from + 1 }, 'There are too many groups within groups.', `At most ${maxDepth} fit.`);
    const filter = this.either();
    this.skipSpace();
    if (this.problem !== null) return everyTrace;
    if (this.source[this.at] !== ')')
      return this.fail({ from, to: from + 1 }, 'This `(` is never closed.', 'Add a `)`, or quote it: "(".');
    this.at++;
    this.depth--;
    return filter.type === 'all' && filter.of.length === 0
      ? this.fail({ from, to: this.at }, 'There is nothing in this group.', 'Remove it, or write conditions into it.')
      : filter;
  }

  private head(): Head | null {
    fieldHead.lastIndex = this.at;
    const match = fieldHead.exec(this.source);
    if (!match) return null;
    const [whole, name = '', sub, op = ':'] = match;
    const place = { from: this.at, to: this.at + name.length };
    const field = findField(name.toLowerCase());
    if (field === null) {
      const near = nearest(name, fieldNames);
      const quote = `To search for the text, quote it: "${this.source.slice(this.at).split(/\s/, 1)[0]?.replaceAll('"', '')}".`;
      this.fail(place, `There is no field \`${name}\`.`, near === null ? quote : `Did you mean \`${near}\`? ${quote}`);
      return null;
    }
    if (sub !== undefined && field.name !== 'score') {
      this.fail(
        { from: place.to, to: place.to + 1 + sub.length },
        `\`${field.name}\` has no parts.`,
        'Only score has: score.grounded.',
      );
      return null;
    }
    this.at += whole.length;
    const operator = (op.length > 1 && op.startsWith(':') ? op.slice(1) : op).replace(/^=$/, ':') as Head['op'];
    return { field, sub: sub === undefined ? null : unquote(sub) || null, op: operator, from: place.from, to: this.at };
  }

  /** Quoted and bare pieces up to a space, a comma of a list, or a `)` that was not opened in it. */
  private value(inList = false): Value {
    const from = this.at;
    const parts: [string, ...string[]] = [''];
    let text = '';
    let quoted = false;
    let opened = 0;
    const add = (piece: string) => {
      parts.push((parts.pop() ?? '') + piece);
      text += piece;
    };
    while (this.at < this.source.length) {
      const char = this.source[this.at] ?? '';
      if (isSpace(char) || (inList && char === ',') || (char === ')' && opened === 0 && this.depth > 0)) break;
      if (char === '"') {
        const match = /"((?:[^"\\]|\\.)*)"/sy;
        match.lastIndex = this.at;
        const found = match.exec(this.source);
        if (!found) {
          this.fail({ from: this.at, to: this.source.length }, 'This quote is never closed.', 'Add a `"` at its end.');
          break;
        }
        quoted = true;
        add((found[1] ?? '').replace(/\\(.)/gs, '$1'));
        this.at += found[0].length;
        continue;
      }
      if (char === '(') opened++;
      if (char === ')' && opened > 0) opened--;
      if (char === '*') {
        text += char;
        if (parts.length < 2 || parts.at(-1) !== '') parts.push('');
      } else add(char);
      this.at++;
    }
    return { parts, text, quoted, from, to: this.at };
  }

  /** One or more values, separated by commas. */
  private values(head: Head): Value[] {
    const values: Value[] = [];
    let more = true;
    while (more) {
      const value = this.value(true);
      if (this.problem !== null) return [];
      if (value.to === value.from) {
        this.fail(
          { from: head.from, to: Math.max(head.to, value.to) },
          `\`${this.source.slice(head.from, head.to)}\` needs a value.`,
          head.field.values === null ? `For example ${head.field.example}` : `One of ${head.field.values.join(', ')}.`,
        );
        return [];
      }
      values.push(value);
      more = this.source[this.at] === ',';
      if (more) this.at++;
    }
    return values;
  }

  private condition(head: Head): Filter {
    const { field, op } = head;
    if (op !== ':' && field.takes !== 'number' && field.takes !== 'score')
      return this.fail(head, `\`${field.name}\` takes \`:\`, not \`${op}\`.`, `For example ${field.example}`);
    const values = this.values(head);
    const [first, ...others] = values;
    if (first === undefined) return everyTrace;
    const single = op !== ':' || field.takes === 'time' || field.takes === 'duration';
    if (single && others.length > 0)
      return this.fail(
        { from: first.from, to: others.at(-1)?.to ?? first.to },
        `\`${this.source.slice(head.from, head.to)}\` takes one value.`,
        `For example ${field.example}`,
      );
    switch (field.takes) {
      case 'text':
        return this.textCondition(field, values);
      case 'words':
        return anyOf([wordsOf(first), ...others.map(wordsOf)]);
      case 'field':
        return anyOf([this.has(first), ...others.map((value) => this.has(value))]);
      case 'number':
        return this.numberCondition(head, values);
      case 'score':
        return this.scoreCondition(head, values);
      default:
        return this.timeCondition(field, first);
    }
  }

  private textCondition(field: FieldInfo, values: Value[]): Filter {
    const patterns = values.map((value): TextPattern => {
      if (field.values === null || value.parts.length > 1) return value.parts;
      const known = field.values.find((one) => one === value.text.toLowerCase());
      if (known === undefined) {
        const near = nearest(value.text, field.values);
        const hint = `${near === null ? '' : `Did you mean \`${near}\`? `}It is one of ${field.values.join(', ')}.`;
        this.fail(value, `\`${field.name}\` is never \`${value.text}\`.`, hint);
      }
      return [known ?? ''];
    });
    return { type: 'is', field: field.name as TextField, patterns };
  }

  private number(field: FieldInfo, value: Value): bigint {
    const unit = field.unit ?? 'count';
    const number = parseNumber(value.text, unit);
    if (number === null) this.fail(value, `\`${value.text}\` is no value of \`${field.name}\`.`, numberHint[unit]);
    return number ?? 0n;
  }

  private numberCondition({ field, op }: Head, values: Value[]): Filter {
    const name = field.name as NumberField;
    const numbers = values.map((value) => this.number(field, value));
    return op === ':'
      ? { type: 'equals', field: name, values: numbers }
      : { type: 'compare', field: name, op, value: numbers[0] ?? 0n };
  }

  private scoreCondition({ sub, op }: Head, values: Value[]): Filter {
    if (op === ':') return { type: 'scored', name: sub, patterns: values.map(({ parts }) => parts) };
    const [value] = values;
    const number = value && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(value.text) ? Number(value.text) : Number.NaN;
    if (value && !Number.isFinite(number))
      return this.fail(value, `\`${value.text}\` is no number.`, 'Texts are compared with `:`: score.tone:angry');
    // -0 would be printed as 0.
    return { type: 'score', name: sub, op, value: number + 0 };
  }

  private has(value: Value): Filter {
    const score = /^score(?:\.(.+))?$/is.exec(value.text);
    if (score) return { type: 'scored', name: score[1] ?? null, patterns: [] };
    const field = findField(value.text.toLowerCase());
    if (field === null || !hasTargets.includes(field)) {
      const names = hasTargets.map(({ name }) => name);
      const near = nearest(value.text, names);
      return this.fail(
        value,
        `\`has\` takes the name of a field, not \`${value.text}\`.`,
        near === null ? 'For example has:score or has:user.' : `Did you mean \`${near}\`?`,
      );
    }
    return { type: 'has', field: field.name as TextField | NumberField };
  }

  private timeCondition(field: FieldInfo, value: Value): Filter {
    if (field.takes === 'duration') return { type: 'last', ns: this.number(field, value) };
    const ns = parseTime(value.text);
    if (ns === null)
      return this.fail(
        value,
        `\`${value.text}\` is no time.`,
        'Times are ISO 8601: 2026-11-21 or 2026-11-21T09:30:00Z.',
      );
    return { type: field.name === 'since' ? 'since' : 'until', ns };
  }
}

/** Reads the filter language; never throws. */
export const parseFilter = (text: string): ParsedFilter => new Parser(text).parse();
