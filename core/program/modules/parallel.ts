import type { WheelhouseError } from '../../records/index.ts';
import { attempt, callPart, defineModule, type Module } from '../module.ts';

/** Does work on each item, so many at one time, and gives what came of each in their order. The first error ends it. */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  { atOnce = 8 }: { atOnce?: number } = {},
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let isOver = false;
  const worker = async () => {
    while (next < items.length && !isOver) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, index);
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, atOnce), items.length) }, worker));
  return results;
}

export type Outcome<O> = { ok: true; output: O } | { ok: false; error: WheelhouseError };

/** Runs a program on several inputs at the same time: an output or an error for each, in their order. */
export const parallel = <I, O>(
  program: Module<I, O>,
  { atOnce = 8 }: { atOnce?: number } = {},
): Module<readonly I[], Outcome<O>[]> =>
  defineModule<readonly I[], Outcome<O>[]>({
    parts: { program },
    forward: (inputs, scope) =>
      inParallel(
        inputs,
        async (input): Promise<Outcome<O>> => {
          const done = await attempt(scope, (inside) => callPart(inside, 'program', program, input));
          if (!done.ok) return { ok: false, error: done.error };
          done.keep();
          return { ok: true, output: done.value };
        },
        { atOnce },
      ),
  });
