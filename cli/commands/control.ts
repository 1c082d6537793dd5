import { type ControlScope, controlScopes, formatUsd } from '@wheelhouse/core/records';
import type { BudgetBody, GatewayUsageBody, LimitBody, RequestBody } from '@wheelhouse/sdk';
import type { Config } from '../config.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { type CellText, renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };
type Whose = { scope: string; subject: string | undefined };
type Period = NonNullable<RequestBody<'setBudget'>['period']>;
export type BudgetOptions = { usd: string; per: Period; soft?: boolean; alertAt: number };
export type LimitOptions = { rpm?: number; tpm?: number; parallel?: number };
type Cells = (string | CellText)[];

const isScope = (text: string): text is ControlScope => controlScopes.some((scope) => scope === text);

function scoped({ scope, subject }: Whose): { scope: ControlScope; subject?: string } {
  if (!isScope(scope))
    throw new UsageError(`There is no scope \`${scope}\`.`, `It is one of ${controlScopes.join(', ')}.`);
  if (scope !== 'project' && subject === undefined)
    throw new UsageError(`Which ${scope} is it?`, `Give its id, or '*' for each ${scope} that has no row of its own.`);
  return { scope, ...(subject !== undefined && { subject }) };
}

const whose = ({ scope, subject }: Pick<BudgetBody, 'scope' | 'subject'>) =>
  scope === 'project' ? 'project' : `${scope} ${plain(subject)}`;
const per = (period: Period) => (period === 'total' ? 'in all' : `a ${period}`);
const dollars = (nano: string) => formatUsd(BigInt(nano));

/** `wheelhouse budget set` */
export async function setBudget(given: Whose, options: BudgetOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const budget = await openClient(config).call('setBudget', {
    body: {
      ...scoped(given),
      ...{ usd: options.usd, period: options.per, hard: options.soft !== true, alertAt: options.alertAt },
    },
  });
  const amount = `${dollars(budget.amountNanoUsd)} ${per(budget.period)}`;
  const kind = budget.hard ? 'hard' : 'soft';
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(budget.id)}: ${whose(budget)}, ${amount}, ${kind}\n`);
  return exitCodes.done;
}

type Used = GatewayUsageBody['budgets'][number];

function budgetRows(budget: Used, { dim, red }: Terminal['outStyle']): Cells[] {
  const used = budget.usedBy.length > 0 ? budget.usedBy : [null];
  return used.map((row) => [
    row === null || budget.subject === row.subject ? whose(budget) : `${whose(budget)}: ${plain(row.subject)}`,
    `${dollars(budget.amountNanoUsd)} ${per(budget.period)}`,
    budget.hard ? 'hard' : 'soft',
    dollars(row?.spentNanoUsd ?? '0'),
    dollars(row?.reservedNanoUsd ?? '0'),
    row === null || row.state === 'ok' ? '' : { text: row.state === 'used' ? '✕ used up' : '▲ alert', paint: red },
    { text: budget.periodEnd?.slice(0, 10) ?? '', paint: dim },
    { text: plain(budget.id), paint: dim },
  ]);
}

function print(rows: Cells[], head: string[], { outStyle, out }: Terminal): void {
  const dimmed = head.map((text) => ({ text, paint: outStyle.dim }));
  const align = head.map((text) => (/^(SPENT|RESERVED|REQUESTS|TOKENS|PARALLEL)$/.test(text) ? 'right' : 'left'));
  out(`${renderTable([dimmed, ...rows], align as ('left' | 'right')[]).join('\n')}\n`);
}

/** `wheelhouse budget ls` */
export async function listBudgets({ json }: { json?: boolean }, { config, terminal }: Deps): Promise<ExitCode> {
  const { budgets } = await openClient(config).call('getGatewayUsage', {});
  if (json) terminal.out(`${JSON.stringify(budgets)}\n`);
  else if (budgets.length === 0) terminal.out('  There is no budget: wheelhouse budget set project --usd 100\n');
  else {
    const rows = budgets.flatMap((budget) => budgetRows(budget, terminal.outStyle));
    print(rows, ['BUDGET', 'AMOUNT', '', 'SPENT', 'RESERVED', '', 'UNTIL', 'ID'], terminal);
  }
  return exitCodes.done;
}

function removed(id: string, was: boolean, { outStyle, out }: Terminal): ExitCode {
  if (!was) throw new UsageError(`There is no ${plain(id)}.`, '`ls` lists the ids.');
  out(`  ${outStyle.green('✓')} ${plain(id)} is removed\n`);
  return exitCodes.done;
}

/** `wheelhouse budget rm` */
export async function removeBudget(id: string, { config, terminal }: Deps): Promise<ExitCode> {
  const answer = await openClient(config).call('removeBudget', { params: { budgetId: id } });
  return removed(id, answer.removed, terminal);
}

/** `wheelhouse limit set` */
export async function setLimit(given: Whose, options: LimitOptions, { config, terminal }: Deps): Promise<ExitCode> {
  const { rpm, tpm, parallel } = options;
  if (rpm === undefined && tpm === undefined && parallel === undefined)
    throw new UsageError('There is no limit.', 'Give at least one of --rpm, --tpm and --parallel.');
  const body = { requestsPerMinute: rpm ?? null, tokensPerMinute: tpm ?? null, parallelCalls: parallel ?? null };
  const limit = await openClient(config).call('setLimit', { body: { ...scoped(given), ...body } });
  terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(limit.id)}: ${whose(limit)}, ${termsOf(limit)}\n`);
  return exitCodes.done;
}

const termsOf = ({ requestsPerMinute, tokensPerMinute, parallelCalls }: LimitBody): string =>
  [
    requestsPerMinute === null ? '' : `${requestsPerMinute} requests a minute`,
    tokensPerMinute === null ? '' : `${tokensPerMinute} tokens a minute`,
    parallelCalls === null ? '' : `${parallelCalls} at a time`,
  ]
    .filter(Boolean)
    .join(', ');

/** `wheelhouse limit ls` */
export async function listLimits({ json }: { json?: boolean }, { config, terminal }: Deps): Promise<ExitCode> {
  const { limits } = await openClient(config).call('getGatewayUsage', {});
  if (json) terminal.out(`${JSON.stringify(limits)}\n`);
  else if (limits.length === 0) terminal.out("  There is no limit: wheelhouse limit set key '*' --rpm 600\n");
  else {
    const of = (used: number, most: number | null) => (most === null ? '' : `${used} / ${most}`);
    const rows = limits.flatMap((limit): Cells[] =>
      (limit.usedBy.length > 0 ? limit.usedBy : [null]).map((row) => [
        row === null || limit.subject === row.subject ? whose(limit) : `${whose(limit)}: ${plain(row.subject)}`,
        of(row?.requests ?? 0, limit.requestsPerMinute),
        of(row?.tokens ?? 0, limit.tokensPerMinute),
        of(row?.parallel ?? 0, limit.parallelCalls),
        { text: plain(limit.id), paint: terminal.outStyle.dim },
      ]),
    );
    print(rows, ['LIMIT', 'REQUESTS', 'TOKENS', 'PARALLEL', 'ID'], terminal);
  }
  return exitCodes.done;
}

/** `wheelhouse limit rm` */
export async function removeLimit(id: string, { config, terminal }: Deps): Promise<ExitCode> {
  const answer = await openClient(config).call('removeLimit', { params: { limitId: id } });
  return removed(id, answer.removed, terminal);
}
