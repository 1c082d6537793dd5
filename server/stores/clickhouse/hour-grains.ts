import type { TextField } from '@wheelhouse/core/records';

/** Fields of a trace's line by which its hour is summed up, and their columns; every grain keeps these apart. */
export const everyGrain = { status: 'status', environment: 'environment' } as const satisfies Partial<
  Record<TextField, string>
>;

/** Each has a grain of its own, and one has them all; the place in this list, from 1, is the number of the grain. */
export const grainFields = [
  ['name', 'name'],
  ['release', 'release'],
  ['dialect', 'dialect'],
  ['model', 'models'],
  ['provider', 'providers'],
  ['kind', 'kinds'],
  ['tool', 'tools'],
  ['service', 'services'],
  ['tag', 'tags'],
] as const satisfies readonly (readonly [TextField, string])[];

/** Groups by nothing but {@link everyGrain}. */
export const coarseGrain = 0;
export const fineGrain = grainFields.length + 1;

/** Fields that can be told apart at some grain, under the columns that lines have for them. */
export const summedFields: readonly TextField[] = [
  ...(Object.keys(everyGrain) as (keyof typeof everyGrain)[]),
  ...grainFields.map(([field]) => field),
];

/** The grain with the fewest rows in which these fields can be told apart; null when one of them is not summed by. */
export function grainOf(fields: Iterable<TextField>): number | null {
  const own = [...new Set(fields)].filter((field) => !(field in everyGrain));
  const places = own.map((field) => grainFields.findIndex(([name]) => name === field) + 1);
  if (places.includes(0)) return null;
  return places.length > 1 ? fineGrain : (places[0] ?? coarseGrain);
}
