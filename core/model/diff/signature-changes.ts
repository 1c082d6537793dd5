import type { Signature } from '../../records/index.ts';
import { compareSchemas, type SchemaChange } from './compare-schemas.ts';

/** `breaking`: a caller that the first version served may fail, or get what it does not expect, with the second. */
export type VersionChange = { text: string; breaking: boolean };

type Side = 'input' | 'output' | 'parameters';

const subjects: Record<Side, string> = { input: 'variable', output: 'output', parameters: 'parameter' };

function phrase(side: Side, change: SchemaChange): string {
  const isSent = side !== 'output';
  switch (change.kind) {
    case 'added':
      if (!isSent) return 'added';
      if (!change.required) return 'added (optional)';
      return change.hasDefault ? 'added (its default stands in)' : 'added (required: callers must send it)';
    case 'removed':
      return isSent && change.refused ? 'removed (callers that send it are refused)' : 'removed';
    case 'required':
      if (!isSent) return 'is always there now';
      return change.hasDefault ? 'is required now (its default stands in)' : 'is required now (callers must send it)';
    case 'optional':
      return isSent ? 'may be left out now' : 'may be missing now';
    case 'closed':
      return 'takes no other members now';
    case 'opened':
      return 'takes other members too now';
    case 'changed':
      return `${change.what}${change.way === 'different' ? '' : ` (${change.way})`}`;
  }
}

function breaks(side: Side, change: SchemaChange): boolean {
  const isSent = side !== 'output';
  switch (change.kind) {
    case 'added':
      return isSent && change.required && !change.hasDefault;
    case 'required':
      return isSent && !change.hasDefault;
    case 'removed':
      return !isSent || change.refused;
    case 'optional':
      return !isSent;
    case 'closed':
      return isSent;
    case 'opened':
      return false;
    case 'changed':
      return change.way !== (isSent ? 'looser' : 'stricter');
  }
}

function describe(side: Side, change: SchemaChange): VersionChange {
  const subject = change.at === '' ? side : `${subjects[side]} \`${change.at}\``;
  const colon = change.kind === 'changed' ? ':' : '';
  return { text: `${subject}${colon} ${phrase(side, change)}`, breaking: breaks(side, change) };
}

/** What changed for callers. */
export function signatureChanges(a: Signature, b: Signature): VersionChange[] {
  const sides = ['input', 'output', 'parameters'] as const;
  return sides.flatMap((side) => compareSchemas(a[side] ?? {}, b[side] ?? {}).map((change) => describe(side, change)));
}
