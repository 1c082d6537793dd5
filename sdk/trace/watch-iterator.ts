import { quietly } from './quietly.ts';

export type IteratorWatch = {
  value(value: unknown): void;
  /** Called once: at the end, when the consumer stopped early, or with what was thrown. */
  end(how: { type: 'done' } | { type: 'stopped' } | { type: 'failed'; error: unknown }): void;
};

type Step = (value?: unknown) => Promise<IteratorResult<unknown>>;

/** Watches the very object that the app iterates, so that it stays of its class and keeps its other members. */
export function watchIterator<I extends object>(
  iterator: I,
  watch: IteratorWatch,
  around = <R>(fn: () => R): R => fn(),
): I {
  const own = iterator as { next: Step; return?: Step; throw?: Step };
  let over = false;
  const end = (how: Parameters<IteratorWatch['end']>[0]) => {
    if (over) return;
    over = true;
    quietly(() => watch.end(how));
  };
  const watched = (step: Step, stops: boolean): Step =>
    async function (this: unknown, ...args) {
      try {
        const result = await around(() => step.apply(iterator, args));
        if (!result.done) quietly(() => watch.value(result.value));
        else end({ type: stops ? 'stopped' : 'done' });
        return result;
      } catch (error) {
        end({ type: 'failed', error });
        throw error;
      }
    };
  const define = (name: 'next' | 'return' | 'throw', stops: boolean) => {
    const step = own[name];
    if (step)
      Object.defineProperty(iterator, name, { value: watched(step, stops), configurable: true, writable: true });
  };
  define('next', false);
  define('return', true);
  define('throw', true);
  return iterator;
}
