import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from './measure.ts';
import { type Memory, memoryOf, startHelper } from './processes.ts';
import type { Report } from './report.ts';
import { makeFolder, startHouse } from './wheelhouse.ts';

type Reading = { when: string; server: Memory; recording: Memory; databases: Memory };

const settleMs = 2_000;
const loadedSpans = 20_480;
const calls = { connections: 16, ms: 5_000 };
const goalMb = 700;

const body = (stream: boolean) =>
  JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Where is my order A-1042? '.repeat(30) }],
    ...(stream ? { stream: true } : {}),
  });

/** What every process of the server holds: just started, left alone, loaded, and left alone again. */
export async function measureMemory({ idleSeconds }: { idleSeconds: number }): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const folder = await makeFolder();
    closers.push(folder.remove);
    const [upstream, loader, exporter] = await Promise.all(
      ['upstream.mjs', 'loader.mjs', 'exporter.mjs'].map((script) => startHelper(script, { place: 'anywhere' })),
    );
    if (!upstream || !loader || !exporter) throw new Error('A helper is missing.');
    for (const helper of [upstream, loader, exporter]) closers.push(helper.stop);
    const house = await startHouse({
      folder: folder.path,
      env: { OPENAI_BASE_URL: `http://127.0.0.1:${upstream.ready.port}/v1` },
    });
    closers.push(house.stop);
    const readings: Reading[] = [];
    const read = (when: string) =>
      readings.push({
        when,
        server: memoryOf(house.pid),
        recording: memoryOf(house.recordingPid),
        databases: memoryOf(house.childPid),
      });

    await sleep(settleMs);
    read('after the start');
    await sleep(idleSeconds * 1000);
    read(`after ${idleSeconds} s idle`);
    await exporter.run({ port: house.port, exporters: 4, spans: 256, ms: 60_000, requests: loadedSpans / 256 });
    read(`after ${loadedSpans.toLocaleString('en-US')} spans by OTLP`);
    const call = {
      mode: 'closed',
      ...calls,
      port: house.port,
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
    };
    const whole = await loader.run<{ done: number }>({ ...call, body: body(false) });
    const streams = await loader.run<{ done: number }>({ ...call, body: body(true) });
    await sleep(settleMs);
    read(`after ${whole.done.toLocaleString('en-US')} calls and ${streams.done.toLocaleString('en-US')} streams`);
    await sleep(idleSeconds * 1000);
    read(`after ${idleSeconds} s idle again`);
    return report(readings, idleSeconds);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function report(readings: Reading[], idleSeconds: number): Report {
  const sum = ({ server, recording, databases }: Reading) => server.pssMb + recording.pssMb + databases.pssMb;
  const idle = readings[1];
  const total = idle ? sum(idle) : Number.NaN;
  return {
    name: 'memory',
    title: 'Memory',
    method: [
      'RSS is what a process holds; PSS shares out pages that several hold, mostly the Node binary, so that their sum is what the machine gives.',
      'The databases, Postgres and ClickHouse, are one process; recording is the one that reads and keeps the gateway’s calls. Peak is the most RSS that a process had so far.',
    ],
    tables: [
      {
        title: 'MB',
        columns: [
          '',
          'server RSS',
          'server PSS',
          'server peak',
          'recording RSS',
          'recording PSS',
          'recording peak',
          'databases RSS',
          'databases PSS',
          'databases peak',
          'all PSS',
        ],
        rows: readings.map((reading) => [
          reading.when,
          ...[reading.server, reading.recording, reading.databases].flatMap((m) =>
            [m.rssMb, m.pssMb, m.peakRssMb].map((mb) => figure(Math.round(mb))),
          ),
          figure(Math.round(sum(reading))),
        ]),
      },
    ],
    goals: [
      {
        goal: `idle memory of all processes at most ${goalMb} MB (PSS, after ${idleSeconds} s)`,
        measured: `${figure(Math.round(total))} MB`,
        met: total <= goalMb,
      },
    ],
    figures: { readings },
  };
}
