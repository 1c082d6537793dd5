import type {
  ChannelStore,
  Clock,
  HeldMessages,
  HttpCaller,
  Mailer,
  Random,
  SealedChannel,
  SecretBox,
} from '@wheelhouse/core/ports';
import { type Alert, type Caller, newSpanId, newTraceId, type ProjectId, wholeMs } from '@wheelhouse/core/records';
import { emailFor } from './email.ts';
import { type Batch, type ChannelSecrets, messagesFor, type Outgoing, type Told } from './messages.ts';

export type SendDeps = {
  channels: ChannelStore;
  http: HttpCaller;
  /** null: the operator named no mail server. */
  mailer: Mailer | null;
  box: SecretBox;
  clock: Clock;
  random: Random;
  /** The address of a page of the web app. */
  pageOf(path: string): string;
};

/** `error` of what arrived: what part of it did not. */
export type Sent =
  | { ok: true; status: number | null; error: string | null }
  | { ok: false; status: number | null; error: string };

/** Says what is missing, where somebody reads it. */
const noMailServer = 'This server has no mail server: set SMTP_URL and SMTP_FROM, and start it again.';
const answerMs = 10_000;
/** Longer than any attempt lasts; what a server was sending when it was killed is sent again after it. */
const holdMs = 15_000;
const mostAtOnce = 50;
const channelsAtOnce = 4;
const [firstDelayMs, longestDelayMs] = [5_000, 3_600_000];
/** About a day after the first. */
const lastAttempt = 30;

/** Ties sealed secrets to their channel. */
export const channelContext = (project: ProjectId, name: string): string => `channel ${project} ${name}`;

/** The traces of an alert, where the web app shows them. */
export const tracesPath = ({ q }: Pick<Alert, 'q'>): string => `/traces?q=${encodeURIComponent(q)}`;

const asServer = (project: ProjectId): Caller => ({
  ...{ project, actor: 'monitors', role: 'viewer', key: null, person: null, team: null },
});

const failed = (error: unknown): Sent => ({
  ...{ ok: false, status: null, error: error instanceof Error ? error.message : String(error) },
});

/** One e-mail; it has arrived when the mail server took it for anybody. */
async function mailTo({ mailer }: Pick<SendDeps, 'mailer'>, batch: Batch, to: string[], signal: AbortSignal) {
  if (mailer === null) return failed(noMailServer);
  const { domain } = mailer;
  return mailer.send(emailFor(batch, { to, domain }), { timeoutMs: answerMs, signal }).then(({ refused }): Sent => {
    return { ok: true, status: null, error: refused.length === 0 ? null : `Refused for ${refused.join(', ')}.` };
  }, failed);
}

/** Sends messages to one channel. Of what is posted, a redirect or any status but 2xx is a failure. */
export async function sendTo(
  { http, mailer, box, clock, random, pageOf }: Omit<SendDeps, 'channels'>,
  project: ProjectId,
  { channel, id, told, signal }: { channel: SealedChannel; id: string; told: Told[]; signal: AbortSignal },
): Promise<Sent> {
  const opened = box.open(channel.sealed, channelContext(project, channel.name));
  if (opened === null)
    return { ok: false, status: null, error: 'Its address was sealed with another key; set the channel up again.' };
  const batch: Batch = { id, nowMs: wholeMs(clock.now()), told, linkOf: (alert) => pageOf(tracesPath(alert)) };
  const { kind } = channel;
  if (kind === 'email') return mailTo({ mailer }, batch, (JSON.parse(opened) as { to: string[] }).to, signal);
  const traceparent = `00-${newTraceId(random.bytes(16))}-${newSpanId(random.bytes(8))}-00`;
  const by = asServer(project);
  const outgoing = messagesFor(kind, batch, JSON.parse(opened) as ChannelSecrets);
  const post = async ({ url, headers, body }: Outgoing): Promise<Sent> => {
    try {
      const { status, body: answer } = await http.call({
        ...{ by, method: 'POST', url, provider: null, headers, body, timeoutMs: answerMs, onText: null },
        ...{ traceparent, signal },
      });
      if (status >= 200 && status <= 299) return { ok: true, status, error: null };
      return { ok: false, status, error: `It answered with status ${status}: ${answer.slice(0, 200)}`.trim() };
    } catch (error) {
      return failed(error);
    }
  };
  const answers = await Promise.all(outgoing.map(post));
  return answers.find(({ ok }) => !ok) ?? answers[0] ?? { ok: true, status: 200, error: null };
}

async function deliver(deps: SendDeps, held: HeldMessages, signal: AbortSignal): Promise<void> {
  const { channels, clock } = deps;
  const { project, channel, batch, attempt, messages } = held;
  const sent: Sent =
    channel === null
      ? { ok: false, status: null, error: 'The channel was removed.' }
      : await sendTo(deps, project, { channel, id: batch, told: messages, signal });
  const nowMs = wholeMs(clock.now());
  if (sent.ok) return channels.delivered(batch, { error: sent.error, nowMs });
  // A server that stops says nothing about the other side.
  const delayMs = signal.aborted ? 0 : Math.min(longestDelayMs, firstDelayMs * 3 ** (attempt - 1));
  const isOver = channel === null || attempt >= lastAttempt;
  await channels.failed(batch, { error: sent.error, dueMs: isOver ? null : nowMs + delayMs, nowMs });
}

/** Sends all that is due, a few channels at the same time, so that one that answers slowly holds up few others. */
export async function sendDue(deps: SendDeps, signal: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  while (!signal.aborted && failures.length === 0) {
    const held = await deps.channels.claim(wholeMs(deps.clock.now()), { holdMs, limit: mostAtOnce });
    if (held === null) break;
    const one = deliver(deps, held, signal)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= channelsAtOnce) await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
