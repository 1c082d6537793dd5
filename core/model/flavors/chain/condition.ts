import { canonicalJson, type Json } from '../../../records/index.ts';
import { pointerPath, valueAt } from '../../pointer.ts';
import type { Scope } from '../mapping.ts';
import type { Condition } from './definition.ts';

const same = (a: Json | undefined, b: Json): boolean => a !== undefined && canonicalJson(a) === canonicalJson(b);

function contains(value: Json | undefined, piece: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(piece.toLowerCase());
  return Array.isArray(value) && value.some((item) => same(item, piece));
}

export function holds(condition: Condition, scope: Scope): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, scope));
  if ('any' in condition) return condition.any.some((one) => holds(one, scope));
  if ('not' in condition) return !holds(condition.not, scope);
  const value = valueAt(scope, pointerPath(condition.at));
  if ('equals' in condition) return same(value, condition.equals);
  if ('in' in condition) return condition.in.some((one) => same(value, one));
  if ('contains' in condition) return contains(value, condition.contains);
  if ('above' in condition) return typeof value === 'number' && value > condition.above;
  if ('below' in condition) return typeof value === 'number' && value < condition.below;
  return (value !== undefined) === condition.exists;
}

/** The places that a condition looks at. */
export function pointersOf(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(pointersOf);
  if ('any' in condition) return condition.any.flatMap(pointersOf);
  if ('not' in condition) return pointersOf(condition.not);
  return [condition.at];
}
