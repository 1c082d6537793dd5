import type { JsonObject } from '../records/index.ts';
import { bootstrapFewShot } from './few-shot/bootstrap-few-shot.ts';
import { labeledFewShot } from './few-shot/labeled-few-shot.ts';
import { randomSearch } from './few-shot/random-search.ts';
import { gepa } from './gepa/gepa.ts';
import { copro } from './instructions/copro.ts';
import { simba } from './instructions/simba.ts';
import { mipro } from './mipro/mipro.ts';
import type { Optimizer } from './optimizer.ts';

const optimizers = {
  'labeled-few-shot': labeledFewShot,
  'bootstrap-few-shot': bootstrapFewShot,
  'random-search': randomSearch,
  mipro,
  gepa,
  copro,
  simba,
} as const;
export type OptimizerName = keyof typeof optimizers;

/** An optimizer by its name, as data says it; options that are left out are as they are in code. */
export const optimizerOfData = (name: OptimizerName, options: JsonObject): Optimizer =>
  optimizers[name](options as never);
