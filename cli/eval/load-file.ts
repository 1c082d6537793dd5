import { basename } from 'node:path';
import type { EvaluationDefinition } from '@wheelhouse/sdk/eval';
import { loadExport } from '../load-export.ts';
import { ownSources } from '../load-module.ts';
import { UsageError } from '../output/exit-codes.ts';

export type LoadedFile = { definitions: EvaluationDefinition[]; files: string[] };

/** What is wrong with it; null: nothing that shows before it runs. */
function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'its default export is no evaluation';
  const { name, data, runs, scorers } = value as Partial<EvaluationDefinition>;
  if (typeof name !== 'string' || name === '') return 'it has no `name`';
  if (data === undefined) return 'it has no `data`';
  if (!Array.isArray(runs) || runs.length === 0) return 'it has no `runs`';
  if (!Array.isArray(scorers) || scorers.length === 0) return 'it has no `scorers`';
  const labels = runs.map((run) => (typeof run === 'string' ? run : (run.label ?? ('ref' in run ? run.ref : ''))));
  if (labels.includes('')) return 'a run that is a function has no `label`';
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  return twice === undefined ? null : `two runs are called \`${twice}\``;
}

/**
 * The evaluations that a file exports: one, or several in an array.
 * @throws UsageError
 */
export async function loadFile(path: string): Promise<LoadedFile> {
  const given = await loadExport(path);
  const definitions = Array.isArray(given) ? given : [given];
  for (const definition of definitions) {
    const problem = problemOf(definition);
    if (problem !== null)
      throw new UsageError(
        `${basename(path)}: ${problem}.`,
        'Write: export default defineEvaluation({ name, data, runs, scorers })',
      );
  }
  return { definitions, files: ownSources(path) };
}
