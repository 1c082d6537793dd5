import type { Terminal } from './terminal.ts';

/** What lists what the API lists at a path: whoever types commands has no use for paths. */
const verbs: Record<string, string> = {
  issues: 'issue ls',
  pipelines: 'pipeline ls',
  'pipeline-runs': 'pipeline runs',
  'online-evaluations': 'online ls',
  releases: 'release history',
  datasets: 'dataset ls',
};

const inVerbs = (hint: string): string =>
  hint.replace(/\bGET \/api\/v1\/([\w-]+) lists\b/g, (said, path: string) =>
    verbs[path] === undefined ? said : `\`wheelhouse ${verbs[path]}\` lists`,
  );

/** `✕ message` and the hint below it, when the error has one. */
export function printError(error: unknown, terminal: Terminal): void {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
  terminal.err(`${terminal.errStyle.red('✕')} ${message}\n`);
  if (hint) terminal.err(`  ${inVerbs(hint)}\n`);
}
