import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerBody } from '@wheelhouse/core/contract';
import { createClient } from '@wheelhouse/sdk';
import type { Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { attribute, exportSpans, type WireSpan } from './export-span.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a client of the server knows of it. */
export type Target = {
  /** The server that runs, or the next one while none does. */
  house(): Promise<Wheelhouse>;
  /** Counts the servers that were killed. */
  killed(): number;
};

/** One exporter and one caller each. */
export const projects = ['default', 'second'] as const;
export type Project = (typeof projects)[number];
/** A trace that is exported in three requests; the first carries only the child, the second the root unfinished. */
export type ExportedTrace = {
  project: Project;
  traceId: string;
  root: string;
  child: string;
  acknowledged: 0 | 1 | 2 | 3;
};
/** An answered gateway call. It is acknowledged when the ledger said that nothing waits in memory any more. */
export type Chat = { project: Project; traceId: string; killed: number; acknowledged: boolean };

export type Traffic = {
  exported: ExportedTrace[];
  chats: Chat[];
  /** Gateway calls that failed although their server lived. */
  failedChats: string[];
  /** Answers to exports that are neither 200 nor "send it again". */
  badAnswers: string[];
  unbalanced: string[];
  counts: { acknowledgedExports: number; exportsSentAgain: number; chatsCutOff: number; ledgerReads: number };
  /** How many calls of the gateway wait on disk, as the newest ledgers say. */
  spilled(): number;
  /** Called after each acknowledged export and each answered chat. */
  onProgress(listener: (what: 'export' | 'chat') => void): void;
  /** Resolves when every trace that was begun is exported whole. */
  stop(): Promise<void>;
};

/** How long a client waits before it asks again: all that it does is looked for afterwards, one by one. */
const clientPauseMs = 100;
const startNs = 1_795_225_214_000_000_001n;

function requestsOf({ traceId, root, child }: ExportedTrace): WireSpan[][] {
  const begun = { traceId, spanId: root, name: 'agent run', startTimeUnixNano: String(startNs) };
  const call: WireSpan = {
    ...{ traceId, spanId: child, parentSpanId: root, name: 'chat' },
    startTimeUnixNano: String(startNs + 1n),
    endTimeUnixNano: String(startNs + 2n),
    attributes: [
      attribute('gen_ai.operation.name', 'chat'),
      attribute('gen_ai.usage.input_tokens', 7n),
      attribute('gen_ai.usage.output_tokens', 2n),
    ],
  };
  return [[call], [begun, call], [{ ...begun, endTimeUnixNano: String(startNs + 3n) }]];
}

export const balances = (ledger: LedgerBody): boolean =>
  ledger.sources.every((s) => s.received === s.stored + s.rejected + s.waiting && s.waiting >= s.spilled);

const headersOf = (project: Project) => ({ 'x-wheelhouse-project': project });
export const clientOf = (house: Wheelhouse, project: Project) => createClient({ baseUrl: house.url, project });
const gatewayOf = (ledger: LedgerBody) => ledger.sources.find(({ source }) => source === 'gateway');

/** In each project one exporter, one caller of the gateway, and one who reads the ledger all the time. */
export function startTraffic(target: Target, random: SeededRandom): Traffic {
  const exported: ExportedTrace[] = [];
  const chats: Chat[] = [];
  const failedChats: string[] = [];
  const badAnswers: string[] = [];
  const unbalanced: string[] = [];
  const counts = { acknowledgedExports: 0, exportsSentAgain: 0, chatsCutOff: 0, ledgerReads: 0 };
  const listeners: ((what: 'export' | 'chat') => void)[] = [];
  const progress = (what: 'export' | 'chat') => {
    for (const listener of listeners) listener(what);
  };
  const ledgers = new Map<Project, LedgerBody>();
  let running = true;

  /** Sends until it is acknowledged, as an exporter does. */
  async function exportUntilAcknowledged(project: Project, spans: WireSpan[]): Promise<void> {
    for (;;) {
      const { url } = await target.house();
      const answer = await exportSpans(url, spans, headersOf(project)).catch(() => null);
      const text = await answer?.text().catch(() => null);
      if (answer?.status === 200 && text === '{}') return;
      if (answer && text && !(answer.status === 503 && answer.headers.has('retry-after')))
        badAnswers.push(`${answer.status} ${text}`);
      counts.exportsSentAgain += 1;
      await sleep(clientPauseMs);
    }
  }

  async function exporter(project: Project): Promise<void> {
    while (running) {
      const trace: ExportedTrace = {
        project,
        traceId: random.hex(32),
        root: random.hex(16),
        child: random.hex(16),
        acknowledged: 0,
      };
      exported.push(trace);
      for (const [i, spans] of requestsOf(trace).entries()) {
        await exportUntilAcknowledged(project, spans);
        trace.acknowledged = (i + 1) as ExportedTrace['acknowledged'];
        counts.acknowledgedExports += 1;
        progress('export');
        await sleep(clientPauseMs);
      }
    }
  }

  async function chat(project: Project, n: number): Promise<void> {
    const { url } = await target.house();
    const killed = target.killed();
    try {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headersOf(project) },
        body: JSON.stringify({
          model: 'openai/gpt-4o-mini',
          messages: [{ role: 'user', content: `hello ${n}` }],
          ...(n % 2 === 0 && { stream: true }),
        }),
      });
      const text = await response.text();
      if (response.status !== 200 || !text.includes(`hello ${n}`) || (n % 2 === 0 && !text.includes('[DONE]')))
        throw new Error(`${response.status} ${text}`);
      const traceId = response.headers.get('x-wheelhouse-trace-id') ?? '';
      chats.push({ project, traceId, killed, acknowledged: false });
      progress('chat');
    } catch (error) {
      if (target.killed() === killed) failedChats.push(String(error));
      else counts.chatsCutOff += 1;
    }
  }

  async function caller(project: Project): Promise<void> {
    while (running) {
      await chat(project, random.between(1, 999_999));
      await sleep(clientPauseMs);
    }
  }

  async function reader(project: Project): Promise<void> {
    while (running) {
      const client = clientOf(await target.house(), project);
      const killed = target.killed();
      const answered = chats.filter((one) => one.project === project && !one.acknowledged && one.killed === killed);
      const read = await client.call('getLedger', {}).catch(() => null);
      if (read && target.killed() === killed) {
        ledgers.set(project, read);
        counts.ledgerReads += 1;
        if (!balances(read)) unbalanced.push(JSON.stringify(read));
        const gateway = gatewayOf(read);
        if (gateway?.waiting === gateway?.spilled) for (const one of answered) one.acknowledged = true;
      }
      await sleep(clientPauseMs);
    }
  }

  const clients = Promise.all(projects.flatMap((project) => [exporter(project), caller(project), reader(project)]));
  return {
    ...{ exported, chats, failedChats, badAnswers, unbalanced, counts },
    spilled: () => [...ledgers.values()].reduce((sum, ledger) => sum + (gatewayOf(ledger)?.spilled ?? 0), 0),
    onProgress: (listener) => void listeners.push(listener),
    async stop() {
      running = false;
      await clients;
    },
  };
}
