import type { JsonObject } from '../records/index.ts';
import type { Bench, Built } from './bench.ts';

/** Searches for a better candidate. It offers what it finds; what it builds of the program anew, it gives back. */
export type Optimizer = {
  readonly name: string;
  /** Everything that decides what it does. */
  readonly options: JsonObject;
  /** @throws SearchStop when it was cut short */
  search(bench: Bench): Promise<Built | undefined>;
};
