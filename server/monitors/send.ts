import type {
  ChannelStore,
  Clock,
  HeldMessages,
  HttpCaller,
  Random,
  SealedChannel,
  SecretBox,
} from '@wheelhouse/core/ports';
import { type Alert, type Caller, newSpanId, newTraceId, type ProjectId } from '@wheelhouse/core/records';
import { type ChannelSecrets, messagesFor, type Outgoing, type Told } from './messages.ts';
import { nowMsOf } from './now-ms.ts';

export type SendDeps = {
  channels: ChannelStore;
  http: HttpCaller;
  box: SecretBox;
  clock: Clock;
  random: Random;
  /** The address of a page of the web app. */
  pageOf(path: string): string;
};

export type Sent = { ok: true; status: number } | { ok: false; status: number | null; error: string };

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

/** Posts messages to one channel. A redirect or any status but 2xx is a failure. */
export async function sendTo(
  { http, box, clock, random, pageOf }: Omit<SendDeps, 'channels'>,
  project: ProjectId,
  { channel, id, told, signal }: { channel: SealedChannel; id: string; told: Told[]; signal: AbortSignal },
): Promise<Sent> {
  const opened = box.open(channel.sealed, channelContext(project, channel.name));
  if (opened === null)
    return { ok: false, status: null, error: 'Its address was sealed with another key; set the channel up again.' };
  const secrets = JSON.parse(opened) as ChannelSecrets;
  const nowMs = nowMsOf(clock);
  const linkOf = (alert: Alert) => pageOf(tracesPath(alert));
  const traceparent = `00-${newTraceId(random.bytes(16))}-${newSpanId(random.bytes(8))}-00`;
  const by = asServer(project);
  const outgoing = messagesFor(channel.kind, { id, nowMs, told, linkOf }, secrets);
  const post = async ({ url, headers, body }: Outgoing): Promise<Sent> => {
    try {
      const { status, body: answer } = await http.call({
        ...{ by, method: 'POST', url, provider: null, headers, body, timeoutMs: answerMs, onText: null },
        ...{ traceparent, signal },
      });
      if (status >= 200 && status <= 299) return { ok: true, status };
      return { ok: false, status, error: `It answered with status ${status}: ${answer.slice(0, 200)}`.trim() };
    } catch (error) {
      return { ok: false, status: null, error: error instanceof Error ? error.message : String(error) };
    }
  };
  const answers = await Promise.all(outgoing.map(post));
  return answers.find(({ ok }) => !ok) ?? answers[0] ?? { ok: true, status: 200 };
}

async function deliver(deps: SendDeps, held: HeldMessages, signal: AbortSignal): Promise<void> {
  const { channels, clock } = deps;
  const { project, channel, batch, attempt, messages } = held;
  const sent: Sent =
    channel === null
      ? { ok: false, status: null, error: 'The channel was removed.' }
      : await sendTo(deps, project, { channel, id: batch, told: messages, signal });
  const nowMs = nowMsOf(clock);
  if (sent.ok) return channels.delivered(batch, nowMs);
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
    const held = await deps.channels.claim(nowMsOf(deps.clock), { holdMs, limit: mostAtOnce });
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
