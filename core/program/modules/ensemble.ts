import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { attempt, callPart, defineModule, type Module } from '../module.ts';
import { type FieldName, majority } from './majority.ts';
import { inParallel } from './parallel.ts';

const datasOf = (programs: readonly Module<never, unknown>[]): JsonObject[] | null => {
  const datas = programs.flatMap(({ data }) => (data === null ? [] : [data]));
  return datas.length < programs.length ? null : datas;
};

/**
 * Asks several programs at the same time and makes one output of theirs; a program that fails has no say.
 * @param options reduce: what makes one of many, the majority on `field` (the last output unless said) unless given; size: so many of them, drawn by the seed for each run
 * @throws the last error where all failed
 */
export function ensemble<I, O>(
  programs: readonly Module<I, O>[],
  options: { reduce?: (outputs: readonly O[]) => O | null; field?: FieldName<O>; size?: number; seed?: number } = {},
): Module<I, O> {
  const vote = options.field === undefined ? {} : { field: options.field };
  const { reduce = (outputs) => majority(outputs, vote), size = programs.length, seed = 0 } = options;
  const named = programs.map((program, i) => [`programs[${i}]`, program] as const);
  const isData = options.reduce === undefined && size >= programs.length;
  const datas = isData ? datasOf(programs as readonly Module<never, unknown>[]) : null;
  return defineModule<I, O>({
    parts: Object.fromEntries(named),
    data: datas && { module: 'ensemble', programs: datas, ...vote },
    async forward(input, scope) {
      const draw = uniformFrom(seed + scope.rollout);
      const drawn = size >= named.length ? named : drawFrom(named, size, draw);
      const done = await inParallel(drawn, ([name, program]) =>
        attempt(scope, (inside) => callPart(inside, name, program, input)),
      );
      const answered = done.flatMap((one) => (one.ok ? [one] : []));
      for (const one of answered) one.keep();
      const output = answered.length === 0 ? null : reduce(answered.map(({ value }) => value));
      if (output !== null) return output;
      const failed = done.find((one) => !one.ok);
      throw failed && !failed.ok
        ? failed.error
        : new WheelhouseError('invalid_request', 'The ensemble has no program.');
    },
  });
}

/** So many of them, each as likely as any, in their order. */
export function drawFrom<T>(items: readonly T[], count: number, draw: () => number): T[] {
  const places = items.map((_, i) => i);
  for (let i = 0; i < Math.min(count, items.length); i++) {
    const j = i + Math.floor(draw() * (items.length - i));
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
  return places
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((place) => items[place] as T);
}
