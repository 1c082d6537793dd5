import {
  type AlertBody,
  type ChannelBody,
  type Handlers,
  type MonitorBody,
  type MonitorRouteId,
  monitorSchemas,
  type ParsedBody,
  pageBelow,
} from '@wheelhouse/core/contract';
import type { ChannelState, MonitorStore } from '@wheelhouse/core/ports';
import {
  type Alert,
  atLeast,
  type Filter,
  formatUsd,
  idRandomBytes,
  type Monitor,
  type MonitorDefinition,
  newId,
  WheelhouseError,
  wholeMs,
} from '@wheelhouse/core/records';
import { type EstimateDeps, estimateMonitor, type MonitorEstimate } from './estimate.ts';
import type { Looker } from './look.ts';
import { type ChannelSecrets, pagerDutyUrl, testAlert } from './messages.ts';
import { channelContext, type SendDeps, type Sent, sendTo } from './send.ts';

export type MonitorHandlerDeps = SendDeps &
  EstimateDeps & {
    monitors: MonitorStore;
    looker: Looker;
    readFilter(q: string): Filter;
    /** @throws WheelhouseError `invalid_request` for an address that may not be called */
    checkUrl(url: string): void;
  };

const minuteMs = 60_000;

const monitorBody = ({
  id: _,
  look: { bad: __, good: ___, probe, groups = [], spent, ...look },
  ...monitor
}: Monitor): MonitorBody => ({
  ...{ ...monitor, look, spent: spent ?? null },
  groups: groups.map(({ bad: _bad, good: _good, seenAt: _seenAt, ...group }) => group),
  probe: probe ? { runs: probe.runs.map(({ at, alike }) => ({ at, alike })), changedAt: probe.changedAt } : null,
});
const alertBody = (alert: Alert): AlertBody => alert;
const channelBody = (channel: ChannelState): ChannelBody => channel;

const noMonitor = (name: string) =>
  new WheelhouseError('not_found', `There is no monitor \`${name.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/monitors lists them.',
  });
const noChannel = (name: string) =>
  new WheelhouseError('not_found', `There is no channel \`${name.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/channels lists them.',
  });

function checkName(name: string, schema: typeof monitorSchemas.monitorName, param: string): void {
  const parsed = schema.safeParse(name);
  if (!parsed.success)
    throw new WheelhouseError('invalid_request', parsed.error.issues[0]?.message ?? 'The name is wrong.', { param });
}

const namesTime = (filter: Filter): boolean => {
  if (filter.type === 'all' || filter.type === 'any') return filter.of.some(namesTime);
  if (filter.type === 'not') return namesTime(filter.of);
  return filter.type === 'last' || filter.type === 'since' || filter.type === 'until';
};

/** @throws WheelhouseError `filter_invalid`, `invalid_request` where a filter names a time, which is the monitor's own */
function checkFilters({ readFilter }: Pick<MonitorHandlerDeps, 'readFilter'>, { q, measure, rule }: MonitorDefinition) {
  const against = rule.kind === 'drift' && rule.against.kind === 'filter' ? [rule.against.q] : [];
  for (const text of [q, ...(measure.kind === 'share' ? [measure.q] : [])])
    if (namesTime(readFilter(text)))
      throw new WheelhouseError('invalid_request', `\`${text.slice(0, 80)}\` names a time.`, {
        ...{ param: 'q', hint: 'Leave it out: the window says which time is looked at.' },
      });
  for (const text of against) readFilter(text);
}

/** @throws WheelhouseError `invalid_request` where one look costs more than a day may */
function checkBudget({ lookNanoUsd }: Pick<MonitorEstimate, 'lookNanoUsd'>, { rule }: MonitorDefinition): void {
  if (!('budgetUsd' in rule) || lookNanoUsd === null || Number(lookNanoUsd) <= rule.budgetUsd * 1e9) return;
  const message = `One look costs about ${formatUsd(lookNanoUsd)}, and a day may cost $${rule.budgetUsd}.`;
  throw new WheelhouseError('invalid_request', message, {
    ...{ param: 'rule.budgetUsd', hint: 'Raise the budget, or have it ask less.' },
  });
}

function postedTo({ kind, url, secret, to }: ParsedBody<'setChannel'>): ChannelSecrets {
  if (to !== undefined)
    throw new WheelhouseError('invalid_request', `A channel of kind ${kind} goes to an address of the web.`, {
      ...{ param: 'to', hint: 'Only channels of kind email take e-mail addresses.' },
    });
  if (kind === 'pagerduty') {
    if (secret === undefined)
      throw new WheelhouseError('invalid_request', 'PagerDuty asks for the routing key of an integration.', {
        param: 'secret',
      });
    return { url: url ?? pagerDutyUrl, secret };
  }
  if (url === undefined)
    throw new WheelhouseError('invalid_request', `A channel of kind ${kind} needs its address.`, { param: 'url' });
  if (secret !== undefined && kind !== 'webhook')
    throw new WheelhouseError('invalid_request', `A channel of kind ${kind} takes no secret.`, {
      ...{ param: 'secret', hint: 'What is secret of it is in its address.' },
    });
  return { url, secret: secret ?? null };
}

/** What a channel keeps sealed, and what is seen of where it goes. */
function channelOf(deps: Pick<MonitorHandlerDeps, 'checkUrl' | 'mailer'>, body: ParsedBody<'setChannel'>) {
  if (body.kind !== 'email') {
    const secrets = postedTo(body);
    deps.checkUrl(secrets.url);
    return { secrets, host: new URL(secrets.url).host };
  }
  const refuse = (param: 'to' | 'url' | 'secret', message: string, hint?: string) =>
    new WheelhouseError('invalid_request', message, { param, ...(hint === undefined ? {} : { hint }) });
  const wrong = body.url !== undefined ? 'url' : body.secret !== undefined ? 'secret' : null;
  if (wrong !== null) throw refuse(wrong, `A channel of kind email takes no ${wrong}.`, 'Name addresses as `to`.');
  if (body.to === undefined) throw refuse('to', 'A channel of kind email needs the addresses that it goes to.');
  if (deps.mailer === null)
    throw refuse('to', 'This server has no mail server.', 'Set SMTP_URL and SMTP_FROM, and start it again.');
  return { secrets: { to: body.to }, host: body.to.join(', ') };
}

/** Monitors, alerts and channels; what is due is looked after by `lookAtDueMonitors`. */
export function createMonitorHandlers(deps: MonitorHandlerDeps): Handlers<MonitorRouteId> {
  const { monitors, channels, looker, box, clock, random } = deps;
  const nowMs = () => wholeMs(clock.now());
  const isoAt = (ms: number) => new Date(ms).toISOString();
  return {
    listMonitors: async ({ by }) => ({ data: (await monitors.list(by.project)).map(monitorBody) }),

    async getMonitor({ by, params }) {
      const monitor = await monitors.get(by.project, params.monitor);
      if (!monitor) throw noMonitor(params.monitor);
      return monitorBody(monitor);
    },

    async setMonitor({ by, params, body }) {
      checkName(params.monitor, monitorSchemas.monitorName, 'monitor');
      checkFilters(deps, body);
      checkBudget(estimateMonitor(deps, by.project, body, nowMs()), body);
      const id = newId('mon', nowMs(), random.bytes(idRandomBytes));
      return monitorBody(await monitors.set(by, { id, name: params.monitor, definition: body, nowMs: nowMs() }));
    },

    removeMonitor: async ({ by, params }) => ({ removed: await monitors.remove(by, params.monitor, nowMs()) }),

    async testMonitor({ by, body }) {
      // Everybody who reads may look; a probe asks a model, which costs.
      const asks = body.rule.kind === 'probe' || (body.rule.kind === 'drift' && body.rule.embed !== null);
      if (asks && !atLeast(by.role, 'editor'))
        throw new WheelhouseError('forbidden', 'To try it takes the role editor: it asks a model.');
      checkFilters(deps, body);
      const { found, sentence, value, expected, rows, q, drift, groups } = await looker.look(by.project, body, nowMs());
      const features = drift.map(({ sinceMs, ids, parts, ...feature }) => ({
        ...{ ...feature, since: sinceMs === null ? null : isoAt(sinceMs), traces: ids },
        parts: parts.map(({ ids: traces, ...part }) => ({ ...part, traces })),
      }));
      const told = (groups ?? []).map(({ earlier: _, ...group }) => group);
      return { ...{ found, sentence, value, expected, rows, q }, drift: features, groups: told };
    },

    async estimateMonitor({ by, body }) {
      const { lookNanoUsd, monthNanoUsd, ...more } = estimateMonitor(deps, by.project, body, nowMs());
      const text = (nanoUsd: bigint | null) => (nanoUsd === null ? null : String(nanoUsd));
      return { ...more, lookNanoUsd: text(lookNanoUsd), monthNanoUsd: text(monthNanoUsd) };
    },

    async silenceMonitor({ by, params, body }) {
      const until = body.minutes === 0 ? null : isoAt(nowMs() + body.minutes * minuteMs);
      const monitor = await monitors.silence(by, params.monitor, until);
      if (!monitor) throw noMonitor(params.monitor);
      return monitorBody(monitor);
    },

    listAlerts: ({ by, query: { monitor, open, ...query } }) =>
      pageBelow(
        query,
        (page) =>
          monitors.alerts(by.project, {
            ...page,
            ...(monitor === undefined ? {} : { monitor }),
            ...(open === undefined ? {} : { open }),
          }),
        alertBody,
      ),

    async getAlert({ by, params }) {
      const found = await monitors.alert(by.project, params.alertId);
      if (!found)
        throw new WheelhouseError('not_found', `There is no alert \`${params.alertId.slice(0, 80)}\`.`, {
          hint: 'GET /api/v1/alerts lists them.',
        });
      const messages = found.messages.map(({ channel, event, status, attempts, error, endedAt }) => ({
        ...{ channel, event, status, attempts, error, endedAt },
      }));
      return { ...alertBody(found.alert), messages };
    },

    listChannels: async ({ by }) => ({ data: (await channels.list(by.project)).map(channelBody) }),

    async setChannel({ by, params, body }) {
      const name = params.channel;
      checkName(name, monitorSchemas.channelName, 'channel');
      const { secrets, host } = channelOf(deps, body);
      const sealed = box.seal(JSON.stringify(secrets), channelContext(by.project, name));
      return channelBody(await channels.set(by, { name, kind: body.kind, host, sealed }));
    },

    removeChannel: async ({ by, params }) => ({ removed: await channels.remove(by, params.channel) }),

    async testChannel({ by, params }) {
      const channel = await channels.get(by.project, params.channel);
      if (!channel) throw noChannel(params.channel);
      const id = newId('dv', nowMs(), random.bytes(idRandomBytes));
      const alert = testAlert(id, isoAt(nowMs()));
      // PagerDuty would keep what only began.
      const events = channel.kind === 'pagerduty' ? (['opened', 'closed'] as const) : (['opened'] as const);
      const { signal } = new AbortController();
      let last: Sent = { ok: true, status: 200, error: null };
      for (const event of events)
        if (last.ok) last = await sendTo(deps, by.project, { channel, id, told: [{ event, alert }], signal });
      return { delivered: last.ok, status: last.status, error: last.error };
    },
  };
}
