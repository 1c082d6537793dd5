export { allOf, anyOf, conditionsOf, mentions, notOf, someCondition, withoutField } from './build-filter.ts';
export { type FieldInfo, fields, findField } from './fields.ts';
export { fitsPattern, matches, selects } from './matches.ts';
export { nearest } from './nearest.ts';
export { type FilterProblem, type ParsedFilter, parseFilter } from './parse-filter.ts';
export { printFilter } from './print-filter.ts';
