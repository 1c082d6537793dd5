import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { databasesOf, gone, kill, recordingOf } from './processes.ts';
import { createRandom } from './seeded-random.ts';
import { balances, clientOf, projects, startTraffic, type Traffic } from './traffic.ts';
import { question, rightAnswer, sameQuestion, startVendor, type Vendor } from './vendor.ts';
import { verifyTraffic } from './verify.ts';

/** `child`: the databases' process. `child, then server`: the server while spans of the gateway wait on disk. */
const targets = ['child', 'server', 'both', 'child, then server'] as const;
type KillTarget = (typeof targets)[number];

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.ROUNDS ?? 4);
const random = createRandom(seed);
const plan = random.shuffled(Array.from({ length: rounds }, (_, i) => targets[i % targets.length] as KillTarget));

const questions = 24;
const cells = 2 * questions;
const exportsARound = 25;
/** An evaluation through a kill, on a busy machine; a round has two of them, and what is looked for afterwards. */
const roundMs = 120_000;
const wholeRoundMs = 3 * roundMs;

type Folder = Awaited<ReturnType<typeof makeFolder>>;
type Results = { measure: string; [key: string]: unknown }[];
const models = ['openai/gpt-4o-mini', 'openai/gpt-4o'];

const nothing = { exported: { missing: [], doubled: [] }, chats: { missing: [], doubled: [] }, strayed: [] };

/** Resolves when `count` things have happened. */
function countdown(count: number) {
  let left = count;
  let finish = () => {};
  const reached = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    reached,
    hit: () => {
      left -= 1;
      if (left === 0) finish();
    },
  };
}

describe(`kill -9, ${rounds} rounds, seed ${seed}`, () => {
  const summary = { rounds: 0, kills: { child: 0, server: 0 }, copies: 0, lostFromMemory: 0, cellsCalledAgain: 0 };
  const findings = { missing: 0, doubled: 0, failedChats: 0, badAnswers: 0, unbalanced: 0, cellsRepeated: 0 };
  const traffics: Traffic[] = [];
  let vendor: Vendor;
  let folder: Folder;
  let house: Promise<Wheelhouse>;
  let undisturbed: Results;
  let killed = 0;

  const configOf = (tenant: string) => ({ providers: { openai: { baseUrl: vendor.baseUrl(tenant) } } });

  async function evaluate(client: Wheelhouse['client']): Promise<string> {
    const body = { dataset: 'questions', runs: models.map((ref) => ({ ref })), scorers: ['exact', 'levenshtein'] };
    return (await client.call('createEvaluation', { body })).id;
  }

  /** Waits for the end; a server that is killed meanwhile is followed to the next. */
  async function completed(evaluationId: string) {
    const read = async () => {
      const { client } = await house;
      return client.call('getEvaluation', { params: { evaluationId } }).catch(() => null);
    };
    const isFinished = async () => ['completed', 'failed'].includes((await read())?.status ?? '');
    await vi.waitUntil(isFinished, { timeout: roundMs, interval: 100 });
    const evaluation = await read();
    expect(evaluation).toMatchObject({ status: 'completed', error: null, done: cells, total: cells });
    return evaluation;
  }

  /** Everything that does not depend on the clock. */
  const numbers = (results: Results | undefined) =>
    (results ?? []).filter(({ measure }) => measure !== 'latency').map(({ runId: _, ...rest }) => rest);

  beforeAll(async () => {
    console.log(`kill -9: seed ${seed}, ${rounds} rounds: ${plan.join(' | ')}`);
    vendor = await startVendor(30);
    folder = await makeFolder(configOf('house'));
    house = startWheelhouse({ folder: folder.path });
    const { client } = await house;
    await client.call('createProject', { body: { id: projects[1] } });
    await client.call('createDataset', { body: { name: 'questions' } });
    const examples = Array.from({ length: questions }, (_, n) => ({ input: question(n), expected: rightAnswer(n) }));
    await client.call('addExamples', { params: { name: 'questions' }, body: { examples } });
    undisturbed = numbers((await completed(await evaluate(client)))?.results);
    expect(undisturbed.map(({ measure }) => measure)).toEqual(['exact', 'levenshtein', 'cost']);
  });
  afterAll(async () => {
    const server = await house.catch(() => null);
    await server?.stop();
    await vendor?.close();
    await folder?.remove();
    const traffic = traffics.map(({ counts }) => counts);
    const total = (key: keyof Traffic['counts']) => traffic.reduce((sum, counts) => sum + counts[key], 0);
    console.log(
      JSON.stringify({
        seed,
        ...summary,
        acknowledgedExports: total('acknowledgedExports'),
        exportsSentAgain: total('exportsSentAgain'),
        answeredChats: traffics.reduce((sum, { chats }) => sum + chats.length, 0),
        chatsCutOffByServerKill: total('chatsCutOff'),
        ledgerReads: total('ledgerReads'),
        ...findings,
      }),
    );
  });

  /** As when the machine goes down: the process that records does not live on to bring what it has to disk. */
  async function crash(server: Wheelhouse): Promise<void> {
    const rest = [databasesOf(server.pid), recordingOf(server.pid)];
    await server.stop('SIGKILL');
    for (const pid of rest) kill(pid);
    await vi.waitUntil(() => rest.every(gone), { timeout: 30_000, interval: 10 });
  }

  /** The directory as it is after the kill, with an append to the spill that was cut off, must hold all that was acknowledged. */
  async function startOnCopy(traffic: Traffic): Promise<void> {
    const exported = traffic.exported.map(({ project, traceId, acknowledged }) => ({ project, traceId, acknowledged }));
    const chats = traffic.chats.filter(({ acknowledged }) => acknowledged);
    const copy = await makeFolder(configOf('copy'));
    execFileSync('cp', ['-a', join(folder.path, '.wheelhouse'), copy.path]);
    const spill = join(copy.path, '.wheelhouse', 'spill');
    if (!existsSync(spill)) mkdirSync(spill);
    const newest = readdirSync(spill).sort().at(-1) ?? `${'1'.padStart(12, '0')}-${random.hex(32)}.spill`;
    appendFileSync(join(spill, newest), Buffer.from(random.hex(2 * random.between(1, 500)), 'hex'));
    const server = await startWheelhouse({ folder: copy.path });
    await settled(server);
    const found = await verifyTraffic(server, { exported, chats });
    await crash(server);
    await copy.remove();
    summary.copies += 1;
    for (const { missing, doubled } of [found.exported, found.chats]) {
      findings.missing += missing.length;
      findings.doubled += doubled.length;
    }
    expect(found).toEqual(nothing);
  }

  /** Nothing waits any more, neither in memory nor on disk. */
  async function settled(server: Wheelhouse): Promise<void> {
    /** Spans that wait, by project and source. */
    const waiting = async () => {
      const left: Record<string, number> = {};
      for (const project of projects) {
        const ledger = await clientOf(server, project).call('getLedger', {});
        if (!balances(ledger)) findings.unbalanced += 1;
        for (const { source, waiting } of ledger.sources) if (waiting > 0) left[`${project} ${source}`] = waiting;
      }
      return left;
    };
    await vi.waitFor(async () => expect(await waiting()).toEqual({}), { timeout: 30_000, interval: 100 });
  }

  /** Resolves at a random point: in the middle of the evaluation, after so many exports, or after so many chats. */
  function trigger(traffic: Traffic): Promise<void> {
    const kind = random.shuffled(['cell', 'cell', 'export', 'chat'] as const)[0];
    const countdownTo = countdown(random.between(1, kind === 'cell' ? cells - 1 : exportsARound - 5));
    if (kind !== 'cell') traffic.onProgress((what) => what === kind && countdownTo.hit());
    else
      vendor.onCall(
        ({ tenant, question: asked }) => tenant === 'house' && /^question/.test(asked) && countdownTo.hit(),
      );
    return countdownTo.reached;
  }

  async function killNow(target: KillTarget, traffic: Traffic): Promise<void> {
    const server = await house;
    const databases = databasesOf(server.pid);
    if (target !== 'server') {
      expect(kill(databases)).toBe(true);
      summary.kills.child += 1;
    }
    if (target === 'child') {
      const back = async () => {
        const ready = await fetch(`${server.url}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        );
        return ready && ![null, databases].includes(databasesOf(server.pid));
      };
      await vi.waitUntil(back, { timeout: 60_000, interval: 100 });
      return;
    }
    if (target === 'child, then server') {
      await vi.waitUntil(() => traffic.spilled() > 0, { timeout: 30_000, interval: 10 });
    }
    killed += 1;
    summary.kills.server += 1;
    let restarted: (server: Promise<Wheelhouse>) => void = () => {};
    house = new Promise((resolve) => {
      restarted = resolve;
    });
    try {
      if (target === 'server') await server.stop('SIGKILL');
      else {
        await crash(server);
        await startOnCopy(traffic);
      }
    } finally {
      restarted(startWheelhouse({ folder: folder.path }));
    }
    await house;
  }

  /** No answer that was recorded was asked for again: the stored one is that of the last call. */
  async function verifyCells(evaluationId: string): Promise<void> {
    const { client } = await house;
    const { data } = await client.call('listEvaluationRows', { params: { evaluationId }, query: { limit: 200 } });
    const { runs } = await client.call('getEvaluation', { params: { evaluationId } });
    expect(data).toHaveLength(questions);
    for (const row of data)
      for (const { id, label } of runs) {
        expect(row.cells[id]).toHaveLength(1);
        const call = { tenant: 'house', model: label.replace('openai/', ''), question: String(row.input) };
        const calls = vendor.calls.filter((one) => sameQuestion(one, call)).length;
        const output = row.cells[id]?.[0]?.output ?? '';
        const stored = output.length - output.trimEnd().length + 1;
        summary.cellsCalledAgain += calls - 1;
        if (stored !== calls) findings.cellsRepeated += 1;
        expect({ ...call, stored }).toEqual({ ...call, stored: calls });
      }
  }

  it.each(plan.map((target, i) => [i + 1, target] as const))(
    'round %i, %s: nothing acknowledged is missing or doubled, and the evaluation ends as undisturbed',
    async (_, target) => {
      vendor.forget();
      const killedBefore = killed;
      const evaluationId = await evaluate((await house).client);
      const traffic = startTraffic({ house: () => house, killed: () => killed }, random);
      traffics.push(traffic);

      const enough = countdown(exportsARound);
      traffic.onProgress((what) => what === 'export' && enough.hit());
      const disturbed = async () => {
        await trigger(traffic);
        await killNow(target, traffic);
        await enough.reached;
        return completed(evaluationId);
      };
      const evaluation = await disturbed().finally(() => traffic.stop());
      const server = await house;
      await settled(server);

      const { exported, chats, strayed } = await verifyTraffic(server, traffic);
      const acknowledged = new Set(traffic.chats.filter((chat) => chat.acknowledged).map(({ traceId }) => traceId));
      // What a killed server had in memory it had not acknowledged.
      const lost = chats.missing.filter((traceId) => !acknowledged.has(traceId));
      const missing = [...exported.missing, ...chats.missing.filter((traceId) => acknowledged.has(traceId))];
      const doubled = [...exported.doubled, ...chats.doubled];
      summary.rounds += 1;
      summary.lostFromMemory += lost.length;
      findings.missing += missing.length;
      findings.doubled += doubled.length;
      findings.failedChats += traffic.failedChats.length;
      findings.badAnswers += traffic.badAnswers.length;
      findings.unbalanced += traffic.unbalanced.length;
      const { failedChats, badAnswers, unbalanced } = traffic;
      expect({ missing, doubled, strayed, failedChats, badAnswers, unbalanced }).toEqual({
        missing: [],
        doubled: [],
        strayed: [],
        failedChats: [],
        badAnswers: [],
        unbalanced: [],
      });
      if (killed === killedBefore) expect(lost).toEqual([]);
      expect(numbers(evaluation?.results)).toEqual(undisturbed);
      await verifyCells(evaluationId);
    },
    wholeRoundMs,
  );

  it(
    'has all of it in the end',
    async () => {
      for (const { exported, chats } of traffics) {
        const kept = chats.filter(({ acknowledged }) => acknowledged);
        expect(await verifyTraffic(await house, { exported, chats: kept })).toEqual(nothing);
      }
    },
    wholeRoundMs,
  );
});
