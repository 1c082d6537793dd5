import type { Candidate, Tunables } from '../program/index.ts';
import { canonicalJson, type Json } from '../records/index.ts';

/** What is different in one place of a program; null: it was not said. */
export type CandidateChange = { path: string; member: keyof Tunables; before: Json; after: Json };

const members = ['instructions', 'demos', 'fields', 'model', 'parameters', 'thresholds'] as const;

/** What an edit made of a candidate, place by place. */
export function candidateChanges(before: Candidate, after: Candidate): CandidateChange[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths.flatMap((path) =>
    members.flatMap((member) => {
      const [was, is] = [before, after].map((one) => (one[path]?.[member] ?? null) as Json);
      const isSame = canonicalJson(was ?? null) === canonicalJson(is ?? null);
      return isSame ? [] : [{ path, member, before: was ?? null, after: is ?? null }];
    }),
  );
}
