import { mentions } from '@wheelhouse/core/query';
import {
  type Filter,
  type Nanos,
  type NumberField,
  numberFields,
  type TextField,
  type TextPattern,
  textFields,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { uint64 } from '../columns.ts';

export type SqlParams = Record<string, unknown>;

/** How a table keeps a text field: one text, empty where there is none; several; or several names of models. */
export type TextColumn = { text: string } | { list: string } | { models: string };

/** What can be asked of a table. A field that is not there is refused. */
export type FilterTable = {
  /** Stands in the sentence that refuses, for example `minutes of calls`. */
  name: string;
  text: Partial<Record<TextField, TextColumn>>;
  /** `nullable` where a row may say nothing. */
  number: Partial<Record<NumberField, { sql: string; nullable: boolean }>>;
  /** Nanoseconds since 1970. */
  time: string;
  /** The column that scores are joined by, and the one of searched text. */
  trace?: string;
  words?: string;
};

/** Lines of traces. */
export const summaryTable: FilterTable = {
  name: 'traces',
  text: {
    status: { text: 'status' },
    name: { text: 'name' },
    kind: { list: 'kinds' },
    model: { models: 'models' },
    provider: { list: 'providers' },
    tool: { list: 'tools' },
    service: { list: 'services' },
    environment: { text: 'environment' },
    release: { text: 'release' },
    tag: { list: 'tags' },
    session: { text: 'session_id' },
    user: { text: 'user_id' },
    run: { text: 'run_id' },
    dialect: { text: 'dialect' },
    trace: { text: 'trace_id' },
  },
  number: {
    latency: { sql: 'duration_ns', nullable: true },
    first_token: { sql: 'first_token_ns_min', nullable: true },
    cost: { sql: 'cost_nano_usd', nullable: true },
    tokens: { sql: '(input_tokens + output_tokens)', nullable: false },
    input_tokens: { sql: 'input_tokens', nullable: false },
    output_tokens: { sql: 'output_tokens', nullable: false },
    spans: { sql: 'span_count', nullable: false },
    errors: { sql: 'error_count', nullable: false },
    unpriced: { sql: 'unpriced_calls', nullable: false },
  },
  time: 'start_ns',
  trace: 'trace_id',
  words: 'text',
};

/** Numbers of scores: true is 1 and false is 0, texts are none. Values are kept as JSON. */
export const scoreNumber = (value: string): string =>
  `multiIf(${value} = 'true', 1., ${value} = 'false', 0., startsWith(${value}, '"'), NULL, toFloat64OrNull(${value}))`;
/** Values of scores as text. */
export const scoreText = `if(startsWith(value, '"'), JSONExtractString(value), value)`;

/** The newest score of each name of each trace. Parameters: `project`. */
export const newestScores = (where: string): string => `
  SELECT s.trace_id AS trace_id, s.name AS name, argMax(s.value, (s.created_at, s.id)) AS value
  FROM scores AS s
  WHERE s.project_id = {project:String} AND ${where}
  GROUP BY s.trace_id, s.name`;

const likePattern = (pattern: TextPattern): string =>
  pattern.map((part) => part.replace(/[\\%_]/g, (char) => `\\${char}`)).join('%');

/** Makes conditions of a filter; each value becomes a parameter. */
class Compiler {
  readonly params: SqlParams = {};
  private count = 0;

  constructor(
    private readonly table: FilterTable,
    private readonly nowNs: Nanos,
    private readonly prefix: string,
  ) {}

  private param(value: unknown, type: string): string {
    const name = `${this.prefix}${this.count++}`;
    this.params[name] = value;
    return `{${name}:${type}}`;
  }

  private refuse(field: string): never {
    const known = [...textFields, ...numberFields].filter(
      (name) => name in this.table.text || name in this.table.number,
    );
    throw new WheelhouseError('filter_invalid', `\`${field}\` cannot be asked of ${this.table.name}.`, {
      param: 'q',
      hint: `It takes ${known.join(', ')}, last, since and until.`,
    });
  }

  private texts(field: TextField): TextColumn {
    return this.table.text[field] ?? this.refuse(field);
  }

  private numbers(field: NumberField): { sql: string; nullable: boolean } {
    return this.table.number[field] ?? this.refuse(field);
  }

  private fitsText(column: string, patterns: readonly TextPattern[]): string {
    const exact = patterns.flatMap(([head, ...rest]) => (rest.length === 0 ? [head] : []));
    const gaps = patterns.filter(({ length }) => length > 1);
    const conditions = [
      ...(exact.length > 0 ? [`${column} IN ${this.param(exact, 'Array(String)')}`] : []),
      ...gaps.map((pattern) => `${column} != '' AND ${column} LIKE ${this.param(likePattern(pattern), 'String')}`),
    ];
    return `(${conditions.join(' OR ')})`;
  }

  private fitsList(column: string, patterns: readonly TextPattern[]): string {
    const exact = patterns.flatMap(([head, ...rest]) => (rest.length === 0 ? [head] : []));
    const gaps = patterns.filter(({ length }) => length > 1);
    const conditions = [
      ...(exact.length > 0 ? [`hasAny(${column}, ${this.param(exact, 'Array(String)')})`] : []),
      ...(exact.includes('') ? [`empty(${column})`] : []),
      ...gaps.map((pattern) => `arrayExists(x -> x LIKE ${this.param(likePattern(pattern), 'String')}, ${column})`),
    ];
    return `(${conditions.join(' OR ')})`;
  }

  /** A model is also found without its version, and as what stands after any slash of it. */
  private fitsModels(column: string, patterns: readonly TextPattern[]): string {
    const conditions = patterns.flatMap((pattern) => {
      const [head] = pattern;
      if (pattern.length > 1) {
        const like = likePattern(pattern);
        const fit = [`m LIKE ${this.param(like, 'String')}`, `m LIKE ${this.param(`%/${like}`, 'String')}`];
        // What ends in anything fits a version too.
        if (pattern.at(-1) !== '') fit.push(`replaceRegexpOne(m, '@[0-9]+$', '') LIKE ${this.param(like, 'String')}`);
        return [`arrayExists(m -> m != '' AND (${fit.join(' OR ')}), ${column})`];
      }
      if (head === '') return [`empty(${column})`];
      const [name, end, start] = [head, `/${head}`, `${head}@`].map((text) => this.param(text, 'String'));
      return [
        `arrayExists(m -> m = ${name} OR endsWith(m, ${end})
          OR startsWith(m, ${start}) AND match(substring(m, length(${start}) + 1), '^[0-9]+$'), ${column})`,
      ];
    });
    return `(${conditions.join(' OR ')})`;
  }

  private is(field: TextField, patterns: readonly TextPattern[]): string {
    const column = this.texts(field);
    if ('models' in column) return this.fitsModels(column.models, patterns);
    return 'list' in column ? this.fitsList(column.list, patterns) : this.fitsText(column.text, patterns);
  }

  private has(field: TextField | NumberField): string {
    if ((textFields as readonly string[]).includes(field)) {
      const column = this.texts(field as TextField);
      if ('models' in column) return `notEmpty(${column.models})`;
      return 'list' in column ? `notEmpty(${column.list})` : `${column.text} != ''`;
    }
    const number = this.numbers(field as NumberField);
    return number.nullable ? `isNotNull(${number.sql})` : '1';
  }

  private ofNumber(field: NumberField, condition: (sql: string) => string): string {
    const { sql, nullable } = this.numbers(field);
    return nullable ? `ifNull(${condition(sql)}, 0)` : `(${condition(sql)})`;
  }

  /** @param condition on the newest value of a name; null when any does */
  private scored(name: string | null, condition: string | null): string {
    const { trace } = this.table;
    if (trace === undefined) return this.refuse('score');
    const named = name === null ? '1' : `s.name = ${this.param(name, 'String')}`;
    const some = `SELECT s.trace_id FROM scores AS s WHERE s.project_id = {project:String} AND ${named}`;
    if (condition === null) return `${trace} IN (${some})`;
    // Which score is the newest is asked only where one of them fits.
    const newest = newestScores(`${named} AND s.trace_id IN (${some} AND ${condition})`);
    return `${trace} IN (SELECT trace_id FROM (${newest}) WHERE ${condition})`;
  }

  private words(text: string): string {
    const { words } = this.table;
    if (words === undefined) return this.refuse('text');
    if (text === '') return '1';
    // LIKE, because the index over words serves it.
    return `${words} LIKE ${this.param(`%${likePattern([text.toLowerCase()])}%`, 'String')}`;
  }

  private time(op: string, ns: Nanos): string {
    return `${this.table.time} ${op} ${this.param(uint64(ns), 'UInt64')}`;
  }

  /** What an earlier condition leaves out is not asked of later ones, which are up to three times as dear. */
  private cheapFirst(filters: readonly Filter[]): string[] {
    return filters.toSorted((a, b) => this.effort(a) - this.effort(b)).map((inner) => this.compile(inner));
  }

  /** 0: a number or one text; 1: lists; 2: names of models; 3: searches in texts and scores. */
  private effort(filter: Filter): number {
    if (filter.type === 'all' || filter.type === 'any') return Math.max(0, ...filter.of.map((one) => this.effort(one)));
    if (filter.type === 'not') return this.effort(filter.of);
    if (filter.type === 'words' || filter.type === 'score' || filter.type === 'scored') return 3;
    if (filter.type !== 'is') return 0;
    const column = this.texts(filter.field);
    return 'models' in column ? 2 : 'list' in column ? 1 : 0;
  }

  /** A condition that is 0 or 1, never NULL. */
  compile(filter: Filter): string {
    switch (filter.type) {
      case 'all':
        return filter.of.length === 0 ? '1' : `(${this.cheapFirst(filter.of).join(' AND ')})`;
      case 'any':
        return `(${filter.of.map((inner) => this.compile(inner)).join(' OR ')})`;
      case 'not':
        return `NOT ${this.compile(filter.of)}`;
      case 'words':
        return `(${this.words(filter.text)})`;
      case 'is':
        return this.is(filter.field, filter.patterns);
      case 'compare':
        return this.ofNumber(
          filter.field,
          (sql) => `${sql} ${filter.op} ${this.param(uint64(filter.value), 'UInt64')}`,
        );
      case 'equals':
        return this.ofNumber(filter.field, (sql) =>
          filter.values.map((value) => `${sql} = ${this.param(uint64(value), 'UInt64')}`).join(' OR '),
        );
      case 'score':
        return this.scored(
          filter.name,
          `ifNull(${scoreNumber('value')} ${filter.op} ${this.param(filter.value, 'Float64')}, 0)`,
        );
      case 'scored':
        return this.scored(
          filter.name,
          filter.patterns.length === 0 ? null : `${scoreText} != '' AND ${this.fitsText(scoreText, filter.patterns)}`,
        );
      case 'has':
        return `(${this.has(filter.field)})`;
      case 'last':
        return `(${this.time('>=', this.nowNs - filter.ns)})`;
      case 'since':
        return `(${this.time('>=', filter.ns)})`;
      case 'until':
        return `(${this.time('<', filter.ns)})`;
    }
  }
}

/** The time in which everything that fits starts, as far as the filter bounds it. */
export function timeBounds(filter: Filter, nowNs: Nanos): { from: Nanos | null; until: Nanos | null } {
  if (filter.type === 'last') return { from: nowNs - filter.ns, until: null };
  if (filter.type === 'since') return { from: filter.ns, until: null };
  if (filter.type === 'until') return { from: null, until: filter.ns };
  if (filter.type !== 'all') return { from: null, until: null };
  const bounds = filter.of.map((inner) => timeBounds(inner, nowNs));
  const latest = (a: Nanos | null, b: Nanos | null) => (a === null || (b !== null && b > a) ? b : a);
  const earliest = (a: Nanos | null, b: Nanos | null) => (a === null || (b !== null && b < a) ? b : a);
  return {
    from: bounds.reduce<Nanos | null>((found, { from }) => latest(found, from), null),
    until: bounds.reduce<Nanos | null>((found, { until }) => earliest(found, until), null),
  };
}

/** A condition over a table, and its parameters. Calls of evaluations are left out unless the filter names `run`. */
export function filterSql(
  filter: Filter,
  options: { nowNs: Nanos; table?: FilterTable; prefix?: string },
): { where: string; params: SqlParams } {
  const { nowNs, table = summaryTable, prefix = 'f' } = options;
  const compiler = new Compiler(table, nowNs, prefix);
  const run = table.text.run;
  const outside = run && 'text' in run && !mentions(filter, 'run') ? ` AND ${run.text} = ''` : '';
  return { where: `${compiler.compile(filter)}${outside}`, params: compiler.params };
}

const hourSeconds = 3600n;
/** What fits in ClickHouse's DateTime. */
const lastHour = (0xffff_ffffn / hourSeconds) * hourSeconds;
/** Seconds since 1970 of the hour in which a time lies, as the tables keep it. */
export function hourOf(ns: Nanos): bigint {
  const hour = (ns / 1_000_000_000n / hourSeconds) * hourSeconds;
  return hour < 0n ? 0n : hour > lastHour ? lastHour : hour;
}

/** The part of the primary key that a filter's time bounds, as a condition on the column. */
export function hourSql(filter: Filter, nowNs: Nanos, column = 'hour'): string {
  const { from, until } = timeBounds(filter, nowNs);
  const conditions = [
    ...(from === null ? [] : [`${column} >= toDateTime(${hourOf(from)}, 'UTC')`]),
    ...(until === null ? [] : [`${column} <= toDateTime(${hourOf(until)}, 'UTC')`]),
  ];
  return conditions.length === 0 ? '1' : conditions.join(' AND ');
}
