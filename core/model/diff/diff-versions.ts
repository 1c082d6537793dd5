import type { ModelVersion } from '../../records/index.ts';
import { printVersion } from '../version-file/print-version.ts';
import { type Aligned, align } from './align.ts';
import { definitionChanges } from './definition-changes.ts';
import { signatureChanges, type VersionChange } from './signature-changes.ts';

export type VersionDiff = {
  /** Whether callers of the first may fail with the second. */
  breaking: boolean;
  /** In words; what breaks callers first. */
  changes: VersionChange[];
  /** The files of both, line by line, without message and example. */
  lines: { kind: Aligned<string>['kind']; text: string }[];
};

type Compared = Pick<ModelVersion, 'definition' | 'signature'>;

const linesOf = ({ definition, signature }: Compared): string[] =>
  printVersion({ definition, signature, example: null, message: '' }).trimEnd().split('\n');

/** What is different in the second of two versions. */
export function diffVersions(a: Compared, b: Compared): VersionDiff {
  const changes = [...signatureChanges(a.signature, b.signature), ...definitionChanges(a.definition, b.definition)];
  return {
    breaking: changes.some(({ breaking }) => breaking),
    changes: changes.toSorted((one, other) => Number(other.breaking) - Number(one.breaking)),
    lines: align(linesOf(a), linesOf(b)).map(({ kind, item }) => ({ kind, text: item })),
  };
}
