import { type ModelVersion, WheelhouseError } from '../../records/index.ts';
import { diffVersions } from './diff-versions.ts';

type Compared = Pick<ModelVersion, 'number' | 'definition' | 'signature'>;

/** Why callers of one version may fail with another; nothing where one of them is not there. */
export function breakingChanges(from: Compared | undefined, to: Compared | undefined): string[] {
  if (from === undefined || to === undefined || from.number === to.number) return [];
  return diffVersions(from, to).changes.flatMap(({ breaking, text }) => (breaking ? [text] : []));
}

type Move = {
  name: string;
  alias: string;
  /** The version that the alias is at. */
  from: Compared | undefined;
  to: Compared | undefined;
  /** Whoever moves it means it: its callers are ready. */
  breaking: boolean;
};

/**
 * Whether the callers of an alias go on as they are when it moves, by hand, by review, by a label, a release or a pipeline.
 * @throws WheelhouseError `conflict`, with `param` `breaking`, where they may fail and nobody said that this is meant
 */
export function checkCallers({ name, alias, from, to, breaking }: Move): void {
  const changes = breaking ? [] : breakingChanges(from, to);
  if (changes.length === 0) return;
  throw new WheelhouseError(
    'conflict',
    `Callers of \`${name}@${alias}\`, which is at version ${from?.number}, may fail with version ${to?.number}: ${changes.join('; ')}.`,
    {
      param: 'breaking',
      hint: 'Publish a version that takes what callers send, or give it an alias of its own. Where its callers are ready: `"breaking": true`, or --breaking.',
    },
  );
}
