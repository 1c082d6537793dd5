import type { BadScoreBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Rule = RequestBody<'setBadScore'>['rule'];
export type ScoreOptions = {
  below?: number;
  above?: number;
  when?: 'true' | 'false';
  oneOf?: string;
  never?: boolean;
  usual?: boolean;
  json?: boolean;
};

/** What was asked for; null: as is usual; undefined: nothing. */
function ruleOf({ below, above, when, oneOf, never, usual }: ScoreOptions): Rule | null | undefined {
  const values = oneOf?.split(',').flatMap((one) => one.trim() || []);
  const said: (Rule | null)[] = [
    ...(below === undefined ? [] : [{ bad: 'below' as const, value: below }]),
    ...(above === undefined ? [] : [{ bad: 'above' as const, value: above }]),
    ...(when === undefined ? [] : [{ bad: when }]),
    ...(values === undefined ? [] : [{ bad: 'one_of' as const, values }]),
    ...(never ? [{ bad: 'never' as const }] : []),
    ...(usual ? [null] : []),
  ];
  if (said.length > 1) throw new UsageError('Two things are said of what is bad.', 'Say one of them.');
  return said[0];
}

/** `below 3`, as commands and pages say it. */
function ruleText(rule: Rule | null): string {
  if (rule === null) return 'nothing';
  if (rule.bad === 'below' || rule.bad === 'above') return `${rule.bad} ${rule.value}`;
  if (rule.bad === 'one_of') return rule.values.join(' or ');
  return rule.bad === 'never' ? 'nothing' : rule.bad;
}

function seenText({ seen: { count, least, most, labels } }: BadScoreBody): string {
  const numbers = least === null || most === null ? [] : [least === most ? String(least) : `${least} to ${most}`];
  return [`${count} ${count === 1 ? 'score' : 'scores'}`, ...numbers, ...labels.slice(0, 3)].join(', ');
}

function show(data: readonly BadScoreBody[], { out, err }: Terminal): void {
  if (data.length === 0) {
    err('  No scores of traces yet.\n');
    return;
  }
  const rows = data.map((one) => [
    ...[
      one.name,
      ruleText(one.rule ?? one.usual),
      one.rule === null ? 'usual' : `by ${one.setBy ?? '?'}`,
      seenText(one),
    ],
    one.suggested === null ? '' : ruleText(one.suggested),
  ]);
  const heads = ['score', 'bad is', 'said', 'in 30 days', 'perhaps'];
  out(`${renderTable([heads, ...rows], ['left', 'left', 'left', 'left', 'left']).join('\n')}\n`);
}

/** `wheelhouse issue scores`: which values of scores say that something is bad, and says it of one name. */
export async function issueScores(
  score: string | undefined,
  options: ScoreOptions,
  { config, terminal }: Deps,
): Promise<ExitCode> {
  const client = openClient(config);
  const rule = ruleOf(options);
  if (score === undefined && rule !== undefined)
    throw new UsageError('Nothing says of which score.', 'wheelhouse issue scores <score> --below 3');
  const params = { score: score ?? '' };
  if (rule === null) await client.call('removeBadScore', { params });
  else if (rule !== undefined) await client.call('setBadScore', { params, body: { rule } });
  const { data } = await client.call('listBadScores', {});
  const shown = score === undefined ? data : data.filter(({ name }) => name === score);
  if (options.json) terminal.out(`${JSON.stringify(shown, null, 2)}\n`);
  else if (score !== undefined && shown.length === 0) {
    terminal.err(`  No score is called ${score} yet: what is usual holds for it.\n`);
  } else show(shown, terminal);
  return exitCodes.done;
}
