import { everyTrace, type Filter } from '../records/index.ts';

/** All of them, flat: one is itself, none fits every trace. */
export function allOf(filters: readonly Filter[]): Filter {
  const of = filters.flatMap((filter) => (filter.type === 'all' ? filter.of : [filter]));
  return of.length === 1 ? (of[0] ?? everyTrace) : { type: 'all', of };
}

/** Any of them, flat; there is at least one. */
export function anyOf(filters: readonly [Filter, ...Filter[]]): Filter {
  const of = filters.flatMap((filter) => (filter.type === 'any' ? filter.of : [filter]));
  return of.length === 1 ? filters[0] : { type: 'any', of };
}

export const notOf = (filter: Filter): Filter => (filter.type === 'not' ? filter.of : { type: 'not', of: filter });

/** Its conditions, all of which hold. */
export const conditionsOf = (filter: Filter): readonly Filter[] => (filter.type === 'all' ? filter.of : [filter]);

/** Whether a condition in it, however deep, is like that. */
export function someCondition(filter: Filter, fits: (condition: Filter) => boolean): boolean {
  if (filter.type === 'all' || filter.type === 'any') return filter.of.some((inner) => someCondition(inner, fits));
  return filter.type === 'not' ? someCondition(filter.of, fits) : fits(filter);
}

/** Whether the filter names that field anywhere. */
export const mentions = (filter: Filter, field: string): boolean =>
  someCondition(filter, (condition) => 'field' in condition && condition.field === field);

/** Whether every condition in it is about that field. */
function isAbout(filter: Filter, field: string): boolean {
  if (filter.type === 'all' || filter.type === 'any')
    return filter.of.length > 0 && filter.of.every((inner) => isAbout(inner, field));
  if (filter.type === 'not') return isAbout(filter.of, field);
  return 'field' in filter && filter.field === field;
}

/** The filter without its conditions on that field: what the counts of a facet are made under. */
export const withoutField = (filter: Filter, field: string): Filter =>
  allOf(conditionsOf(filter).filter((condition) => !isAbout(condition, field)));
