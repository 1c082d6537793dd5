import { allOf, conditionsOf, parseFilter, printFilter } from '@wheelhouse/core/query';
import { everyTrace, type Filter, type TextField } from '@wheelhouse/core/records';

const read = (q: string): Filter | null => {
  const parsed = parseFilter(q);
  return parsed.ok ? parsed.filter : null;
};

type Chosen = Extract<Filter, { type: 'is' }>;
const choosing =
  (field: TextField) =>
  (one: Filter): one is Chosen =>
    one.type === 'is' && one.field === field;

/** The values of a field that a filter names by themselves, to be marked where they are listed. */
export function chosenValues(q: string, field: TextField): ReadonlySet<string> {
  const filter = read(q);
  if (filter === null) return new Set();
  const patterns = conditionsOf(filter)
    .filter(choosing(field))
    .flatMap((one) => one.patterns);
  return new Set(patterns.flatMap((pattern) => (pattern.length === 1 ? [pattern[0]] : [])));
}

/**
 * The filter with a value of a field chosen, or not any more when it was: values of one field are alternatives. A filter
 * that cannot be read gives way.
 */
export function toggleValue(q: string, field: TextField, value: string): string {
  const conditions = [...conditionsOf(read(q) ?? everyTrace)];
  const at = conditions.findIndex(choosing(field));
  const before = conditions[at];
  const known = before !== undefined && choosing(field)(before) ? before.patterns : [];
  const without = known.filter((pattern) => pattern.length !== 1 || pattern[0] !== value);
  const patterns = without.length < known.length ? without : [...known, [value] as const];
  const next: Filter[] = patterns.length === 0 ? [] : [{ type: 'is', field, patterns }];
  if (at < 0) conditions.push(...next);
  else conditions.splice(at, 1, ...next);
  return printFilter(allOf(conditions));
}

/** The filter and what it says besides, for a link to it. */
export function withCondition(q: string, condition: Filter): string {
  return printFilter(allOf([...conditionsOf(read(q) ?? everyTrace), condition]));
}

const isTime = (one: Filter) => one.type === 'last' || one.type === 'since' || one.type === 'until';

/** The filter without what it says of time. */
export function withoutTime(q: string): string {
  return printFilter(allOf(conditionsOf(read(q) ?? everyTrace).filter((one) => !isTime(one))));
}

const madeByRun: Filter = { type: 'is', field: 'run', patterns: [['', '']] };
const isMadeByRun = (one: Filter) => printFilter(one) === printFilter(madeByRun);

/** Whether the filter asks for the calls of evaluations, which are left out otherwise. */
export const asksForRuns = (q: string): boolean => conditionsOf(read(q) ?? everyTrace).some(isMadeByRun);

export function toggleRuns(q: string): string {
  const conditions = conditionsOf(read(q) ?? everyTrace);
  const without = conditions.filter((one) => !isMadeByRun(one));
  return printFilter(allOf(without.length < conditions.length ? without : [...conditions, madeByRun]));
}
