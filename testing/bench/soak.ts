import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { residentKb, socketsOf } from '../processes/index.ts';
import { startUpstream, type Upstream } from '../upstream/index.ts';
import { figure, quantile } from './measure.ts';
import type { Goal, Report } from './report.ts';
import { type House, makeFolder, startHouse } from './wheelhouse.ts';

type Kind = 'whole' | 'stream' | 'large' | 'left' | 'cut' | 'limited';

/** Of a hundred calls. */
const mix: Record<Kind, number> = { whole: 45, stream: 35, large: 5, left: 5, cut: 5, limited: 5 };
const order: Kind[] = (Object.keys(mix) as Kind[]).flatMap((kind) => Array<Kind>(mix[kind]).fill(kind));

const workers = 16;
const readEveryMs = 10_000;
const kilobyte = 1024;
const goalMbPerMinute = 1;

const models: Record<Kind, string> = {
  whole: 'openai/gpt-4o-mini',
  stream: 'openai/gpt-4o-mini~words=30~gapMs=2',
  large: 'openai/gpt-4o-mini',
  left: 'openai/gpt-4o-mini~words=200~gapMs=10',
  cut: 'openai/gpt-4o-mini~words=30~cutAfter=5',
  limited: 'openai/gpt-4o-mini~status=429~retryAfter=0',
};

const bodyOf = (kind: Kind, i: number) =>
  JSON.stringify({
    model: models[kind],
    messages: [
      { role: 'user', content: kind === 'large' ? 'x'.repeat((1 + (i % kilobyte)) * kilobyte) : `Question ${i}` },
    ],
    ...(['stream', 'left', 'cut'].includes(kind) ? { stream: true } : {}),
  });

type Ended = { ok: boolean };

/** One call, left in the middle where that is its kind. Only what should go well counts as failed when it does not. */
async function callOnce(pool: Pool, kind: Kind, i: number): Promise<Ended> {
  const meant = kind === 'whole' || kind === 'stream' || kind === 'large';
  try {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(kind, i),
    });
    let bytes = 0;
    for await (const piece of body) {
      bytes += (piece as Buffer).length;
      // Leaving the loop closes the connection.
      if (kind === 'left' && bytes > kilobyte) break;
    }
    return { ok: !meant || statusCode === 200 };
  } catch {
    return { ok: !meant };
  }
}

type Reading = { minute: number; rssMb: number; sockets: number; calls: number };

/** MB a minute, by least squares. */
function slopeOf(readings: Reading[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(readings.map((r) => r.minute)), mean(readings.map((r) => r.rssMb))];
  const over = readings.reduce((sum, r) => sum + (r.minute - x) * (r.rssMb - y), 0);
  return over / readings.reduce((sum, r) => sum + (r.minute - x) ** 2, 0);
}

async function load(house: House, minutes: number): Promise<{ readings: Reading[]; failed: number; calls: number }> {
  const pool = new Pool(house.url, { connections: workers });
  const startedAt = performance.now();
  const until = startedAt + minutes * 60_000;
  let calls = 0;
  let failed = 0;
  const readings: Reading[] = [];
  const work = async () => {
    while (performance.now() < until) {
      const i = calls++;
      const kind = order[(i * 37) % order.length] ?? 'whole';
      if (!(await callOnce(pool, kind, i)).ok) failed += 1;
    }
  };
  const read = () =>
    readings.push({
      minute: (performance.now() - startedAt) / 60_000,
      rssMb: residentKb(house.pid) / kilobyte,
      sockets: socketsOf(house.pid),
      calls,
    });
  const watch = setInterval(read, readEveryMs);
  await Promise.all(Array.from({ length: workers }, work));
  clearInterval(watch);
  await pool.close();
  return { readings, failed, calls };
}

/** Calls of every kind for a long time: memory, sockets and what the server says of itself are watched. */
export async function measureSoak({ minutes }: { minutes: number }): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const upstream: Upstream = await startUpstream();
    closers.push(upstream.close);
    const folder = await makeFolder();
    closers.push(folder.remove);
    const house = await startHouse({ folder: folder.path, env: { OPENAI_BASE_URL: `${upstream.url}/v1` } });
    closers.push(house.stop);
    await load(house, Math.min(1, minutes / 10));
    const forget = setInterval(() => {
      const open = upstream.calls.filter(({ state }) => state === 'open');
      upstream.calls.splice(0, upstream.calls.length, ...open);
    }, 1_000);
    await sleep(3_000);
    const socketsBefore = socketsOf(house.pid);
    const { readings, failed, calls } = await load(house, minutes);
    clearInterval(forget);
    await sleep(6_000);
    for (let seconds = 0; seconds < 60 && (await house.recorded()).waiting > 0; seconds++) await sleep(1_000);
    const open = upstream.calls.filter(({ state }) => state === 'open').length;
    const leaked = socketsOf(house.pid) - socketsBefore;
    return report({
      readings,
      minutes,
      failed,
      calls,
      open,
      leaked,
      spans: await house.recorded(),
      said: house.complaints(),
    });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

type Soaked = {
  readings: Reading[];
  minutes: number;
  failed: number;
  calls: number;
  open: number;
  leaked: number;
  spans: Awaited<ReturnType<House['recorded']>>;
  said: string;
};

/** Rising memory of the first minutes is code being compiled and buffers finding their size. */
const settled = (readings: Reading[], minutes: number) => {
  const after = Math.min(5, minutes / 3);
  return readings.filter(({ minute }) => minute > after);
};

function report({ readings, minutes, failed, calls, open, leaked, spans, said }: Soaked): Report {
  const later = settled(readings, minutes);
  const slope = slopeOf(later);
  const rejections = said.match(/unhandled|MaxListenersExceeded/gi)?.length ?? 0;
  const goal = (text: string, value: string, met: boolean): Goal => ({ goal: text, measured: value, met });
  const tenth = Math.max(1, Math.floor(readings.length / 10));
  return {
    name: 'soak',
    title: 'Soak',
    method: [
      `${figure(minutes)} minutes, ${workers} callers at a time: of 100 calls ${Object.entries(mix)
        .map(([kind, share]) => `${share} ${kind}`)
        .join(
          ', ',
        )}; large bodies are up to 1 MB; left: the caller goes in the middle; cut: the vendor does; limited: it answers 429.`,
      'The slope is the least-squares line through the resident memory, read every ten seconds, of the time after the first five minutes (a third, of a shorter run).',
      `${figure(spans.stored)} spans were stored, ${spans.rejected} rejected, ${spans.waiting} waiting at the end.`,
    ],
    tables: [
      {
        title: 'The server process',
        columns: ['minute', 'RSS MB', 'sockets', 'calls so far'],
        rows: readings
          .filter((_, i) => i % tenth === 0 || i === readings.length - 1)
          .map((r) => [r.minute.toFixed(1), figure(Math.round(r.rssMb)), String(r.sockets), figure(r.calls)]),
      },
    ],
    goals: [
      goal(`memory grows by less than ${goalMbPerMinute} MB a minute`, `${figure(slope)} MB`, slope < goalMbPerMinute),
      goal(
        `no socket is left but what is kept alive, ${workers} at the most`,
        `${leaked} more than before`,
        leaked <= workers,
      ),
      goal('no call is left open at the vendor', String(open), open === 0),
      goal('no call fails that should not', `${failed} of ${figure(calls)}`, failed === 0),
      goal('no unhandled rejection', String(rejections), rejections === 0),
      goal(
        'every call is recorded',
        `${spans.rejected} rejected, ${spans.waiting} waiting`,
        spans.rejected + spans.waiting === 0,
      ),
    ],
    figures: {
      readings,
      medianRssMb: quantile(
        later.map((r) => r.rssMb),
        0.5,
      ),
      slopeMbPerMinute: slope,
      calls,
      failed,
      leaked,
      spans,
    },
  };
}
