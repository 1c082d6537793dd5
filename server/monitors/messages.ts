import { createHmac } from 'node:crypto';
import type { HeldMessages } from '@wheelhouse/core/ports';
import type { Alert, ChannelKind, DeliveryEvent, JsonObject } from '@wheelhouse/core/records';

/** What it takes to post messages somewhere; kept sealed. */
export type ChannelSecrets = { url: string; secret: string | null };

export type Outgoing = { url: string; headers: Record<string, string>; body: string };
export type Told = { event: DeliveryEvent; alert: Alert };

export const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue';
const longestSummary = 1024;

export type Batch = { id: string; nowMs: number; told: Told[]; linkOf(alert: Alert): string };

/** The monitor and the group that an alert is of. */
const nameOf = ({ monitor, group }: Alert) => (group === null ? monitor : `${monitor} (${group})`);

export const headOf = ({ event, alert }: Told) =>
  `${event === 'closed' ? 'Over' : alert.kind === 'no_data' ? 'No data' : 'Alert'}: ${nameOf(alert)}`;

export const textOf = ({ event, alert }: Told) => (event === 'closed' ? `It was: ${alert.sentence}` : alert.sentence);

/** A key is bytes as base64 behind `whsec_`, or text. */
const keyOf = (secret: string) =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);

/** Plain JSON, under the headers of Standard Webhooks: the same `webhook-id` through all attempts. */
function webhook({ id, nowMs, told, linkOf }: Batch, { url, secret }: ChannelSecrets): Outgoing[] {
  const seconds = String(Math.floor(nowMs / 1000));
  const alerts = told.map(({ event, alert }) => ({
    ...{ event, id: alert.id, monitor: alert.monitor, group: alert.group, kind: alert.kind, sentence: alert.sentence },
    ...{ value: alert.value, expected: alert.expected, q: alert.q, url: linkOf(alert) },
    ...{ openedAt: alert.openedAt, closedAt: alert.closedAt },
  }));
  const body = JSON.stringify({ type: 'alerts', timestamp: new Date(nowMs).toISOString(), data: { alerts } });
  const signed = createHmac('sha256', keyOf(secret ?? ''))
    .update(`${id}.${seconds}.${body}`)
    .digest('base64');
  const headers = {
    ...{ 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': seconds },
    ...(secret === null ? {} : { 'webhook-signature': `v1,${signed}` }),
  };
  return [{ url, headers, body }];
}

const json = (url: string, body: JsonObject): Outgoing => ({
  ...{ url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});

const slackText = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function slack({ told, linkOf }: Batch, { url }: ChannelSecrets): Outgoing[] {
  const blocks = told.map((one) => ({
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: `*${slackText(headOf(one))}*\n${slackText(textOf(one))}\n<${linkOf(one.alert)}|See the traces>`,
    },
  }));
  return [json(url, { text: told.map(headOf).join(' · '), blocks })];
}

function teams({ told, linkOf }: Batch, { url }: ChannelSecrets): Outgoing[] {
  const body = told.flatMap((one) => [
    { type: 'TextBlock', text: headOf(one), weight: 'Bolder', wrap: true },
    { type: 'TextBlock', text: textOf(one), wrap: true },
    {
      type: 'ActionSet',
      actions: [{ type: 'Action.OpenUrl', title: 'See the traces', url: linkOf(one.alert) }],
    },
  ]);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body,
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return [json(url, { type: 'message', attachments: [attachment] })];
}

/** An event each: what PagerDuty groups, it groups by its own rules. The alert's id makes a repeated event the same one. */
function pagerDuty({ told, linkOf }: Batch, { url, secret }: ChannelSecrets): Outgoing[] {
  return told.map(({ event, alert }) =>
    json(url, {
      routing_key: secret,
      event_action: event === 'closed' ? 'resolve' : 'trigger',
      dedup_key: alert.id,
      payload: {
        summary: `${alert.monitor}: ${alert.sentence}`.slice(0, longestSummary),
        source: 'wheelhouse',
        severity: alert.kind === 'no_data' ? 'warning' : 'error',
        timestamp: alert.openedAt,
        custom_details: { value: alert.value, expected: alert.expected, q: alert.q },
      },
      links: [{ href: linkOf(alert), text: 'See the traces' }],
      client: 'Wheelhouse',
    }),
  );
}

export type PostedKind = Exclude<ChannelKind, 'email'>;
const shapes: Record<PostedKind, (batch: Batch, secrets: ChannelSecrets) => Outgoing[]> = {
  ...{ webhook, slack, teams, pagerduty: pagerDuty },
};

/** The requests that tell a channel of some alerts. */
export const messagesFor = (kind: PostedKind, batch: Batch, secrets: ChannelSecrets): Outgoing[] =>
  shapes[kind](batch, secrets);

/** What a message that only says that it is a test tells of. */
export const testAlert = (id: string, at: string): HeldMessages['messages'][number]['alert'] => ({
  ...{
    id,
    monitor: 'test',
    group: null,
    kind: 'alert',
    sentence: 'This is a test: nothing is wrong.',
    value: null,
    expected: null,
  },
  ...{ q: '', openedAt: at, closedAt: null, untold: null },
});
