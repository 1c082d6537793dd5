import { candidateOf, type Demo, withNearestDemos } from '../../program/index.ts';
import { contentHash, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Bench } from '../bench.ts';
import { type BootstrapOptions, bootstrapping } from '../few-shot/bootstrap-few-shot.ts';
import { atTemperature, labelledDemos, teacherOf, tryRows } from '../few-shot/demonstrations.ts';
import type { Optimizer } from '../optimizer.ts';
import type { SearchRow } from '../row.ts';
import type { RunEntry } from '../state.ts';

/** One example is shown to every predictor, so a name has to mean the same in all. @throws WheelhouseError `invalid_request` */
function checkNames({ predictors }: Bench): void {
  const names = [...predictors.values()].flatMap(({ outputs }) => outputs.map(({ name }) => name));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new WheelhouseError('invalid_request', `Two predictors have an output \`${twice}\`.`, {
    param: 'optimizer',
    hint: 'Nearest examples need other names for outputs that are not the same.',
  });
}

function exampleOf(bench: Bench, row: SearchRow, run: RunEntry | null): Demo {
  const values: JsonObject = { ...row.input };
  if (run === null) {
    for (const demo of Object.values(labelledDemos(bench, [row])).flat()) Object.assign(values, demo.values);
    return { values };
  }
  for (const { kept, output } of run.calls ?? []) if (kept && output) Object.assign(values, output);
  return { values, augmented: true };
}

/**
 * Shows each input the `k` training rows that are nearest to it, by the world's embedder, as a run that scored well had them,
 * else as they are labelled. All rows are run once, and none while it is called.
 */
export function knnFewShot({ k = 3, ...given }: BootstrapOptions & { k?: number } = {}): Optimizer {
  const options = bootstrapping(given);
  return {
    name: 'knn-few-shot',
    options: { ...(options as unknown as JsonObject), k },
    async search(bench) {
      checkNames(bench);
      const teacher = teacherOf(bench, options);
      const runs = await tryRows(bench, bench.train, { teacher, hot: atTemperature(bench, teacher, 1), options });
      const examples = bench.train.map((row, i) => exampleOf(bench, row, runs[i] ?? null));
      const inputs = Object.keys(bench.train[0]?.input ?? {});
      const program = withNearestDemos(bench.program, { examples, inputs, k });
      const hash = contentHash(examples.map(({ values }) => values)).slice(0, 16);
      return { program, shape: `nearest ${k} ${hash} `, candidate: candidateOf(program) };
    },
  };
}
