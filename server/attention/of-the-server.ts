import type { GatewayTargetsBody, GatewayUsageBody, LedgerBody } from '@wheelhouse/core/contract';
import { type Alert, formatUsd, type Key } from '@wheelhouse/core/records';
import { count, type Findings, percent, plural, type Row } from './findings.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** What waits longer than this is late; longer than that, something is broken. */
const late = { warnMs: minuteMs, badMs: 10 * minuteMs };
const keyNoticeMs = 7 * dayMs;

/** `25 s`, `3 min`, `5 h`, `2 days`. */
function spanText(ms: number): string {
  if (ms < minuteMs) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`;
  return ms < 2 * dayMs ? `${Math.round(ms / hourMs)} h` : `${Math.round(ms / dayMs)} days`;
}

export function findInLedger({ sources, deadLetters }: LedgerBody, nowMs: number): Findings {
  const rows = sources.flatMap(({ source, received, stored, rejected, waiting, oldestWaitingAt }): Row[] => {
    const href = '/ledger';
    if (received !== stored + rejected + waiting)
      return [
        {
          ...{ kind: 'ledger', severity: 'bad', href },
          text: `The ledger of ${source} does not balance: ${count(received)} received, but ${count(stored)} stored, ${count(rejected)} rejected and ${count(waiting)} waiting.`,
        },
      ];
    const lagMs = oldestWaitingAt === null ? 0 : nowMs - Date.parse(oldestWaitingAt);
    if (waiting === 0 || lagMs < late.warnMs) return [];
    return [
      {
        ...{ kind: 'ledger', severity: lagMs < late.badMs ? 'warn' : 'bad', href },
        text: `${plural(waiting, 'span')} of ${source} ${waiting === 1 ? 'is' : 'are'} not stored yet; the oldest waits for ${spanText(lagMs)}.`,
      },
    ];
  });
  const kept = deadLetters?.kept ?? 0;
  if (kept > 0)
    rows.push({
      ...{ kind: 'dead_letters', severity: 'warn', href: '/ledger' },
      text: `${plural(kept, 'refused request')} ${kept === 1 ? 'waits' : 'wait'} to be repaired and sent again.`,
    });
  return { rows, looked: deadLetters === null ? 'the ledger' : 'the ledger and its dead letters' };
}

type Budget = GatewayUsageBody['budgets'][number];
const periods: Record<Budget['period'], string> = {
  ...{ day: 'of this day', week: 'of this week', month: 'of this month', total: 'in all' },
};

export function findInBudgets({ budgets }: GatewayUsageBody, names: ReadonlyMap<string, string>): Findings {
  const rows = budgets.flatMap((budget) =>
    budget.usedBy.flatMap(({ subject, spentNanoUsd, state }): Row[] => {
      if (state === 'ok') return [];
      const [spent, amount] = [BigInt(spentNanoUsd), BigInt(budget.amountNanoUsd)];
      const whose = budget.scope === 'project' ? 'the project' : `${budget.scope} ${names.get(subject) ?? subject}`;
      const share = amount === 0n ? '' : ` (${percent(Number(spent) / Number(amount))})`;
      const then = state === 'used' ? (budget.hard ? '; calls are refused' : '; calls go on') : '';
      return [
        {
          ...{ kind: 'budget', severity: state === 'used' && budget.hard ? 'bad' : 'warn', href: '/settings/gateway' },
          text: `The budget of ${whose} ${periods[budget.period]} is ${state === 'used' ? 'used up' : 'near its end'}: ${formatUsd(spent)} of ${formatUsd(amount)}${share}${then}.`,
        },
      ];
    }),
  );
  return { rows, looked: plural(budgets.length, 'budget') };
}

export function findInTargets({ data }: GatewayTargetsBody, nowMs: number): Findings {
  const rows = data.flatMap(({ target, state, retryAt, lastFailure, failures, attempts }): Row[] => {
    if (state === 'ok') return [];
    const why = lastFailure === null ? '' : `; last failure: ${lastFailure.kind}`;
    const again =
      state === 'probing' || retryAt === null
        ? 'one call finds out whether it is back'
        : `it is tried again in ${spanText(Date.parse(retryAt) - nowMs)}`;
    return [
      {
        ...{ kind: 'target', severity: 'bad', href: '/settings/gateway' },
        text: `${target} takes no calls: ${count(failures)} of ${plural(attempts, 'attempt')} failed${why}; ${again}.`,
      },
    ];
  });
  return { rows, looked: plural(data.length, 'target') };
}

/** Alerts of monitors that are open; each leads to its page, which has the traces behind it. */
export function findInAlerts(alerts: readonly Alert[]): Findings {
  const rows = alerts.map(
    ({ id, monitor, kind, sentence }): Row => ({
      ...{ kind: 'alert', severity: kind === 'alert' ? 'bad' : 'warn' },
      ...{ text: `${monitor}: ${sentence}`, href: `/alerts/${id}` },
    }),
  );
  return { rows, looked: 'monitors' };
}

export function findInKeys(keys: readonly Key[], nowMs: number): Findings {
  const live = keys.filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs),
  );
  const rows = live.flatMap(({ name, last4, expiresAt }): Row[] => {
    if (expiresAt === null) return [];
    const leftMs = Date.parse(expiresAt) - nowMs;
    if (leftMs > keyNoticeMs) return [];
    return [
      {
        ...{ kind: 'key', severity: 'warn', href: '/settings/keys' },
        text: `The key ${name} (…${last4}) ends in ${spanText(leftMs)}, on ${expiresAt.slice(0, 16).replace('T', ' ')} UTC.`,
      },
    ];
  });
  return { rows, looked: plural(live.length, 'key') };
}
