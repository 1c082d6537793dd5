import type { GateReader } from '@wheelhouse/core/ports';
import { type AliasRule, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';

type Move = { name: string; alias: string; version: number; from: number | null };

/**
 * Whether the gates of an alias's rule hold for a version against the one that it is at.
 * @throws WheelhouseError `gate_not_held`
 */
export async function checkGates(
  reader: GateReader,
  { project, rule }: { project: ProjectId; rule: AliasRule | null },
  { name, alias, version, from }: Move,
): Promise<void> {
  if (rule === null || rule.gates.length === 0 || version === from) return;
  const ask = { model: name, version, against: from, gates: rule.gates };
  const { evaluation, results } = await reader.decide(project, ask);
  const runs = [...(from === null ? [] : [`${name}@${from}`]), `${name}@${version}`].join(' against ');
  if (evaluation === null)
    throw new WheelhouseError('gate_not_held', `\`${alias}\` has gates, and no completed evaluation has ${runs}.`);
  const open = results.find(({ state }) => state !== 'held');
  if (open === undefined) return;
  const state =
    open.state === 'not_measured' ? 'is not measured' : open.state === 'failed' ? 'failed' : 'is not settled';
  throw new WheelhouseError(
    'gate_not_held',
    `\`${alias}\` stays where it is: the gate \`${open.text}\` ${state} in ${evaluation}. ${open.sentence}`,
  );
}
