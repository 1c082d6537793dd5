import type {
  TrackedCondition,
  TrackedExperimentField,
  TrackedField,
  TrackedOrder,
  TrackedTest,
} from '@wheelhouse/core/records';
import { wrong } from './mlflow-error.ts';

type Piece = { text: string; kind: 'word' | 'quoted' | 'number' | 'op' | 'list' };

const name = '(?:[\\w./:-]+|"[^"]*"|`[^`]*`)';
/** A name with what belongs to it behind dots, a text, a number, a sign, or a list in brackets. */
const piece = new RegExp(
  `\\s*(?:(?<number>-?\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d+)?(?![\\w.]))|(?<op>>=|<=|!=|=|>|<)|(?<list>\\((?:[^)']|'[^']*')*\\))` +
    `|(?<quoted>'(?:[^']|'')*')|(?<word>"[^"]*"|\`[^\`]*\`|[A-Za-z_]\\w*(?:\\.${name})?))`,
  'y',
);

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  piece.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = piece.lastIndex) {
    const found = piece.exec(text)?.groups;
    const [kind, value] = Object.entries(found ?? {}).find(([, one]) => one !== undefined) ?? [];
    if (kind === undefined || value === undefined) throw wrong(`Error on parsing filter '${text}'`);
    pieces.push({ kind: kind as Piece['kind'], text: value });
  }
  return pieces;
}

const isQuoted = (text: string, quote: string) => text.length >= 2 && text.startsWith(quote) && text.endsWith(quote);
const unquoted = (text: string) =>
  /["`']/.test(text[0] ?? '') && isQuoted(text, text[0] ?? '') ? text.slice(1, -1) : text;
const isWord = (found: Piece | undefined, word: string) => found?.kind === 'word' && found.text.toUpperCase() === word;

/** What a search over one kind of thing knows. */
type Language<Field> = {
  /** The field of `entity.key`, and what its values are. */
  field(entity: string | null, key: string): { field: Field; takes: 'number' | 'whole' | 'text'; called: string };
  /** Whose values may be compared with a list. */
  lists: readonly string[];
};

const runTexts = ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri'] as const;
const runTimes = ['start_time', 'end_time'] as const;
const datasetKeys = ['name', 'digest', 'context'] as const;
const aliases: Record<string, string> = {
  ...{ created: 'start_time', Created: 'start_time' },
  ...{ 'run name': 'run_name', 'Run name': 'run_name', 'Run Name': 'run_name' },
};
const entities: Record<string, 'metric' | 'parameter' | 'tag' | 'attribute' | 'dataset'> = {
  ...{ metric: 'metric', metrics: 'metric', parameter: 'parameter', parameters: 'parameter', param: 'parameter' },
  ...{ params: 'parameter', tag: 'tag', tags: 'tag', attribute: 'attribute', attr: 'attribute' },
  ...{ attributes: 'attribute', run: 'attribute', dataset: 'dataset', datasets: 'dataset' },
};

const listText = (names: readonly string[]) => names.map((one) => `'${one}'`).join(', ');
const oneOf = <Name extends string>(names: readonly Name[], wanted: string): Name | undefined =>
  names.find((one) => one === wanted);

const runs: Language<TrackedField> = {
  field(entity, asked) {
    const kind = entity === null ? 'attribute' : entities[entity];
    if (kind === undefined)
      throw wrong(
        `Invalid entity type '${entity}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
      );
    if (kind === 'metric') return { field: { of: 'metric', key: asked }, takes: 'number', called: kind };
    if (kind === 'parameter') return { field: { of: 'param', key: asked }, takes: 'text', called: kind };
    if (kind === 'tag') return { field: { of: 'tag', key: asked }, takes: 'text', called: kind };
    if (kind === 'dataset') {
      const key = oneOf(datasetKeys, asked);
      if (key === undefined)
        throw wrong(`Invalid dataset key '${asked}' specified. Valid keys are '{${listText(datasetKeys)}}'`);
      return { field: { of: 'dataset', name: key }, takes: 'text', called: 'dataset attributes' };
    }
    const key = aliases[asked] ?? asked;
    const [text, time] = [oneOf(runTexts, key), oneOf(runTimes, key)];
    if (text !== undefined) return { field: { of: 'text', name: text }, takes: 'text', called: 'attributes' };
    if (time !== undefined) return { field: { of: 'time', name: time }, takes: 'whole', called: time };
    throw wrong(
      `Invalid attribute key '${asked}' specified. Valid keys are '{${listText([...runTexts, ...runTimes])}}'`,
    );
  },
  lists: ['run_id', 'name', 'digest', 'context'],
};

const experimentTexts = ['name', 'experiment_id'] as const;
const experimentTimes = ['creation_time', 'last_update_time'] as const;

const experiments: Language<TrackedExperimentField> = {
  field(entity, key) {
    if (entity === 'tag' || entity === 'tags') return { field: { of: 'tag', key }, takes: 'text', called: 'tag' };
    if (entity !== null && entity !== 'attribute')
      throw wrong(`Invalid entity type '${entity}'. Valid entity types are ('attribute', 'tag', 'tags')`);
    const [text, time] = [oneOf(experimentTexts, key), oneOf(experimentTimes, key)];
    if (text !== undefined) return { field: { of: 'text', name: text }, takes: 'text', called: 'attributes' };
    if (time !== undefined) return { field: { of: 'time', name: time }, takes: 'whole', called: time };
    throw wrong(
      `Invalid attribute key '${key}' specified. Valid keys are '{${listText([...experimentTexts, ...experimentTimes])}}'`,
    );
  },
  lists: ['experiment_id'],
};

function fieldOf<Field>(language: Language<Field>, text: string) {
  const dot = /^["`]/.test(text) ? -1 : text.indexOf('.');
  const entity = dot < 0 ? null : text.slice(0, dot);
  return language.field(entity, unquoted(text.slice(dot + 1)));
}

const numbers = new Set(['=', '!=', '<', '<=', '>', '>=']);
const texts = new Set(['=', '!=', 'LIKE', 'ILIKE']);

function comparator(op: string, allowed: ReadonlySet<string>): void {
  if (!allowed.has(op)) throw wrong(`Invalid comparator '${op}' not one of '{${listText([...allowed])}}'`);
}

type Found<Field> = ReturnType<Language<Field>['field']>;

function testOf<Field>(language: Language<Field>, found: Found<Field>, op: string, value: Piece): TrackedTest {
  if (found.takes !== 'text') {
    const what = found.takes === 'number' ? found.called : `numeric attribute: ${found.called}`;
    const joint = found.takes === 'number' ? ' for' : ' for';
    if (value.kind !== 'number') throw wrong(`Expected numeric value type${joint} ${what}. Found ${value.text}`);
    comparator(op, numbers);
    return { op: op as '=', value: Number(value.text) };
  }
  const { field } = found as { field: { name?: string } };
  if (value.kind === 'list' && field.name !== undefined) {
    comparator(op, new Set(['IN', 'NOT IN']));
    if (!language.lists.includes(field.name))
      throw wrong(
        `Only [${listText(language.lists)}] attributes support comparison with a list of quoted string values.`,
      );
    const items = value.text.slice(1, -1).match(/'[^']*'|"[^"]*"|[^,\s]+/g) ?? [];
    if (items.length === 0 || items.some((item) => !/^['"]/.test(item)))
      throw wrong('While parsing a list in the query, expected string value, punctuation, or whitespace');
    return { op: op as 'IN', values: items.map(unquoted) };
  }
  const isText = value.kind === 'quoted' || (value.kind === 'word' && isQuoted(value.text, '"'));
  if (!isText) {
    const isKeyed = found.called === 'parameter' || found.called === 'tag';
    throw wrong(
      isKeyed
        ? `Expected a quoted string value for ${found.called} (e.g. 'my-value'). Got value ${value.text}`
        : `Expected a quoted string value for ${found.called}. Got value ${value.text}`,
    );
  }
  comparator(op, texts);
  return { op: op as 'LIKE', value: unquoted(value.text).replaceAll("''", "'") };
}

const invalidClauses = (found: readonly Piece[]) =>
  wrong(`Invalid clause(s) in filter string: ${found.map(({ text }) => `'${text}'`).join(', ')}`);

/** The comparison and how many pieces it has. */
function operatorOf(pieces: readonly Piece[]): { op: string; length: number } | null {
  const [first, second, third] = pieces;
  if (first?.kind === 'op') return { op: first.text, length: 1 };
  for (const word of ['LIKE', 'ILIKE', 'IN']) if (isWord(first, word)) return { op: word, length: 1 };
  if (isWord(first, 'NOT') && isWord(second, 'IN')) return { op: 'NOT IN', length: 2 };
  if (isWord(first, 'IS') && isWord(second, 'NULL')) return { op: 'IS NULL', length: 2 };
  if (isWord(first, 'IS') && isWord(second, 'NOT') && isWord(third, 'NULL')) return { op: 'IS NOT NULL', length: 3 };
  return null;
}

function parseFilter<Field>(language: Language<Field>, text: string): TrackedCondition<Field>[] {
  let rest = piecesOf(text);
  const conditions: TrackedCondition<Field>[] = [];
  while (rest.length > 0) {
    const [subject] = rest;
    const operator = operatorOf(rest.slice(1));
    if (subject?.kind !== 'word' || operator === null) throw invalidClauses(rest);
    const found = fieldOf(language, subject.text);
    const isNull = operator.op.startsWith('IS ');
    if (isNull && !['parameter', 'tag'].includes(found.called))
      throw wrong(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${subject.text}'`);
    const value = rest[1 + operator.length];
    if (!isNull && value === undefined) throw invalidClauses(rest);
    const test =
      isNull || value === undefined ? { op: operator.op as 'IS NULL' } : testOf(language, found, operator.op, value);
    conditions.push({ field: found.field, test });
    rest = rest.slice((isNull ? 1 : 2) + operator.length);
    if (rest.length === 0) break;
    const [and] = rest;
    if (!isWord(and, 'AND') || rest.length === 1) throw invalidClauses(rest.slice(0, 1));
    rest = rest.slice(1);
  }
  return conditions;
}

function parseOrder<Field>(language: Language<Field>, clauses: readonly string[]): TrackedOrder<Field>[] {
  return clauses.map((clause) => {
    const [subject, way, more] = piecesOf(clause);
    if (subject?.kind !== 'word' || more !== undefined)
      throw wrong(`Invalid order_by clause '${clause}'. Could not be parsed.`);
    if (way !== undefined && !isWord(way, 'ASC') && !isWord(way, 'DESC'))
      throw wrong(`Invalid ordering key in order_by clause '${clause}'.`);
    return { field: fieldOf(language, subject.text).field, descending: isWord(way, 'DESC') };
  });
}

/** MLflow's filter of runs: comparisons that all hold (https://mlflow.org/docs/latest/ml/search/search-runs/). */
export const parseRunFilter = (text: string): TrackedCondition[] => parseFilter(runs, text);
export const parseRunOrder = (clauses: readonly string[]): TrackedOrder[] => {
  const order = parseOrder(runs, clauses);
  if (order.some(({ field }) => field.of === 'dataset')) throw wrong("Invalid identifier type 'dataset'");
  return order;
};

export const parseExperimentFilter = (text: string): TrackedCondition<TrackedExperimentField>[] =>
  parseFilter(experiments, text);
export const parseExperimentOrder = (clauses: readonly string[]): TrackedOrder<TrackedExperimentField>[] => {
  const order = parseOrder(experiments, clauses);
  if (order.some(({ field }) => field.of === 'tag')) throw wrong('Experiments are ordered by attributes.');
  return order;
};
