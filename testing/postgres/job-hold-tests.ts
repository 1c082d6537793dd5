import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { givenUpQueue } from '@wheelhouse/core/ports';
import { openJobs } from '@wheelhouse/server/jobs/index';
import { openPostgres, type Postgres } from '@wheelhouse/server/stores/postgres/index';
import pg from 'pg';
import PgBoss from 'pg-boss';
import { describe, expect, it } from 'vitest';
import type { TestDatabase } from './engines.ts';

const never = 3_600_000;
const root = new URL('../../', import.meta.url);
const file = (path: string) => fileURLToPath(new URL(path, root));

/** A server of its own that takes a job of the queue and never ends it. */
async function startDoomedWorker({ url }: TestDatabase, queue: string): Promise<ChildProcess> {
  const script = `
    import { createJiti } from 'jiti';
    const alias = { '@wheelhouse/core/records': ${JSON.stringify(file('core/records/index.ts'))} };
    const jiti = createJiti(process.cwd() + '/', { alias });
    const { openPostgres } = await jiti.import('./stores/postgres/index.ts');
    const { openJobs } = await jiti.import('./jobs/index.ts');
    const postgres = openPostgres(${JSON.stringify({ url })});
    const jobs = openJobs({ store: postgres.jobs, exclusive: true });
    await jobs.work(${JSON.stringify(queue)}, async () => {
      process.stdout.write('taken');
      await new Promise(() => {});
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: file('server'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const taken = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(taken[0])).toBe('taken');
  return child;
}

/** How long a job is held, and who gets it when its holder is gone. */
export function jobHoldTests(world: () => { database: TestDatabase; postgres: Postgres }): void {
  describe('a held job', () => {
    async function query(text: string, values: string[] = []): Promise<void> {
      const client = new pg.Client(world().database.url);
      await client.connect();
      await client.query(text, values).finally(() => client.end());
    }
    const passAnHour = (queue: string) =>
      query(`update pgboss.job set started_on = started_on - interval '1 hour' where name = $1`, [queue]);

    /** What pg-boss does every half minute. */
    async function maintain(): Promise<void> {
      const boss = new PgBoss({ connectionString: world().database.url, max: 1, schedule: false, supervise: false });
      await boss.start();
      await boss.expire();
      await boss.stop({ graceful: false });
    }
    const isDue = (queue: string) =>
      query(`update pgboss.job set start_after = now() - interval '1 s' where name = $1`, [queue]);

    it('finds its queue even when many are created at the same time, by two servers', async () => {
      const other = openPostgres(world().database);
      const queues = Array.from({ length: 8 }, (_, number) => `created-${number}`);
      await Promise.all(queues.flatMap((queue) => [world().postgres, other].map(({ jobs }) => jobs.add(queue, {}))));
      await other.close();
      for (const queue of queues) {
        expect(await world().postgres.jobs.take(queue)).not.toBeNull();
        expect(await world().postgres.jobs.take(queue)).not.toBeNull();
      }
    });

    it('is done by the next server after a kill', async () => {
      const { database, postgres } = world();
      await postgres.jobs.add('killed', { id: 7 });
      const child = await startDoomedWorker(database, 'killed');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const jobs = openJobs({ store: postgres.jobs, exclusive: true, pollMs: never });
      const payload = await new Promise<object>((resolve) => {
        void jobs.work('killed', async (given) => resolve(given));
      });
      await jobs.stop();
      expect(payload).toEqual({ id: 7 });
    }, 30_000);

    it('goes to another server when it is not renewed', async () => {
      const { jobs } = world().postgres;
      await jobs.add('lapsing', { id: 1 });
      const first = await jobs.take('lapsing');
      expect(first).toMatchObject({ payload: { id: 1 }, attempt: 0 });
      await maintain();
      expect(await jobs.take('lapsing')).toBeNull();
      await passAnHour('lapsing');
      await maintain();
      await isDue('lapsing');
      const second = await jobs.take('lapsing');
      expect(second).toEqual({ ...first, attempt: 1 });
      expect(first && (await jobs.renew(first))).toBe(false);
      expect(second && (await jobs.renew(second))).toBe(true);
    });

    it('stays with the server that renews it', async () => {
      const { jobs } = world().postgres;
      await jobs.add('renewed', { id: 1 });
      const job = await jobs.take('renewed');
      await passAnHour('renewed');
      expect(job && (await jobs.renew(job))).toBe(true);
      await maintain();
      expect(await jobs.take('renewed')).toBeNull();
    });

    it('is given up after its last attempt', async () => {
      const { jobs } = world().postgres;
      await jobs.add('hopeless', { id: 1 });
      for (let attempt = 0; attempt < 5; attempt++) {
        const job = await jobs.take('hopeless');
        expect(job).toMatchObject({ attempt });
        if (job) await jobs.fail(job, 'still broken');
        await isDue('hopeless');
      }
      expect(await jobs.take('hopeless')).toBeNull();
      expect(await jobs.take(givenUpQueue('hopeless'))).toMatchObject({ payload: { id: 1 } });
    });

    it('is given up after as many kills', async () => {
      const { jobs } = world().postgres;
      await jobs.add('deadly', { id: 1 });
      for (let attempt = 0; attempt < 5; attempt++) {
        expect(await jobs.take('deadly')).toMatchObject({ attempt });
        await jobs.recover('deadly');
        await isDue('deadly');
      }
      expect(await jobs.take('deadly')).toBeNull();
      const worker = openJobs({ store: jobs, exclusive: true, pollMs: never });
      const told = await new Promise<object>((resolve) => {
        void worker.work('deadly', async () => {}, { givenUp: async (payload) => resolve(payload) });
      });
      await worker.stop();
      expect(told).toEqual({ id: 1 });
    });

    it('does not lose an attempt when it is given back', async () => {
      const { jobs } = world().postgres;
      await jobs.add('released', { id: 1 });
      for (let i = 0; i < 7; i++) {
        const job = await jobs.take('released');
        expect(job).toMatchObject({ attempt: 0 });
        if (job) await jobs.release(job);
      }
    });
  });
}
