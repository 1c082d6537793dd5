import type { GateReader, IssueStore } from '@wheelhouse/core/ports';
import { type AliasRule, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';

/** What holds an alias: gates of its rule, and issues of its model. */
export type AliasGates = GateReader & Pick<IssueStore, 'blocker'>;

type Move = { name: string; alias: string; version: number; from: number | null };

/**
 * Whether an alias may move: no issue holds its model, and the gates of its rule hold for the version against the one that
 * it is at.
 * @throws WheelhouseError `gate_not_held`
 */
export async function checkGates(
  reader: AliasGates,
  { project, rule }: { project: ProjectId; rule: AliasRule | null },
  { name, alias, version, from }: Move,
): Promise<void> {
  if (version === from) return;
  const blocker = await reader.blocker(project, name);
  if (blocker !== null)
    throw new WheelhouseError(
      'gate_not_held',
      `\`${alias}\` stays where it is: an issue holds ${name} back. ${blocker.title}`,
      { hint: `Resolve ${blocker.id}, or say that it holds nothing: PUT /api/v1/issues/${blocker.id}.` },
    );
  if (rule === null || rule.gates.length === 0) return;
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
