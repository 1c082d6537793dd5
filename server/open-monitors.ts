import type { BudgetId, ProjectId } from '@wheelhouse/core/records';
import type { Config } from './config.ts';
import { createLooker, createMonitorHandlers, lookAtDueMonitors, sendDue } from './monitors/index.ts';
import type { Foundation } from './open-foundation.ts';
import { callableAddress } from './providers/http-caller.ts';
import { createSmtpMailer } from './providers/smtp-mailer.ts';
import { readFilter } from './traces/index.ts';

type Base = Pick<
  Foundation,
  | 'records'
  | 'telemetry'
  | 'models'
  | 'runnerOf'
  | 'embedderOf'
  | 'prices'
  | 'routing'
  | 'control'
  | 'box'
  | 'clock'
  | 'random'
  | 'own'
  | 'log'
  | 'heartbeat'
>;

/** What stands on the budgets of a project, asked as the gateway says it. */
const createBudgetsOf =
  ({ control }: Pick<Base, 'control'>) =>
  async (project: ProjectId) => {
    const by = { project, actor: 'monitors', role: 'viewer' as const, key: null, person: null, team: null };
    const ask = { by, params: {}, query: undefined, body: undefined };
    const { budgets } = await control.handlers.getGatewayUsage(ask);
    return budgets.map(({ id, amountNanoUsd, usedBy, ...budget }) => ({
      ...{ ...budget, id: id as BudgetId, amountNanoUsd: BigInt(amountNanoUsd) },
      usedBy: usedBy.map(({ subject, spentNanoUsd }) => ({ subject, spentNanoUsd: BigInt(spentNanoUsd) })),
    }));
  };

/** What watches traces and tells of it. Messages go out by the rules that calls of models go by. */
export function openMonitors(
  base: Base,
  { privateNetwork, hosts, mail }: Pick<Config, 'privateNetwork' | 'hosts' | 'mail'>,
) {
  const { records, telemetry, models, box, clock, random, own, log } = base;
  const shownHost = own.host.includes(':') ? `[${own.host}]` : own.host;
  const [named] = hosts;
  const deps = {
    ...{ monitors: records.monitors, channels: records.channels, http: models.http, box, clock, random, log },
    looker: createLooker({
      ...{ queries: telemetry.queries, facts: telemetry.facts, readFilter },
      ...{ runnerOf: base.runnerOf, embedderOf: base.embedderOf, budgetsOf: createBudgetsOf(base) },
      probesOf: (project) => records.monitors.list(project),
    }),
    prices: base.prices,
    routes: (project: ProjectId) => base.routing.table(project),
    mailer: mail && createSmtpMailer(mail),
    readFilter,
    checkUrl: (url: string) => void callableAddress(url, privateNetwork),
    // A host that the operator names is one that people come by, which is behind TLS.
    pageOf: (path: string) => `${named === undefined ? `http://${shownHost}:${own.port}` : `https://${named}`}${path}`,
  };
  const looking = base.heartbeat.on('monitors', (stopping) => lookAtDueMonitors(deps, stopping), {
    onError: (err) => log.error({ err }, 'monitors cannot be looked after; trying again'),
  });
  // Apart, so that a channel that answers slowly keeps no monitor from being looked at.
  const sending = base.heartbeat.on('messages', (stopping) => sendDue(deps, stopping), {
    onError: (err) => log.error({ err }, 'messages of alerts cannot be sent; trying again'),
  });
  return {
    handlers: createMonitorHandlers(deps),
    async stop() {
      await Promise.all([looking.stop(), sending.stop()]);
    },
  };
}
