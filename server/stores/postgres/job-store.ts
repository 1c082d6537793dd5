import { givenUpQueue, type HeldJob, type JobStore } from '@wheelhouse/core/ports';
import { sql } from 'kysely';
import type { Pool } from 'pg';
import PgBoss from 'pg-boss';
import type { Logger } from 'pino';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';

const holdSeconds = 60;
/** pg-boss gives away jobs whose hold has ended, and archives finished ones, this often. */
const maintenanceSeconds = 30;
const retries = { retryLimit: 4, retryDelay: 1, retryBackoff: true };
/** pg-boss takes what started before now, and the embedded database's clock may not have moved since the insert. */
const dueAtOnce = '-1 second';

function createBoss(pool: Pool, migrate: boolean): PgBoss {
  return new PgBoss({
    db: { executeSql: (text: string, values: unknown[]) => pool.query(text, values) },
    migrate,
    schedule: false,
    supervise: !migrate,
    maintenanceIntervalSeconds: maintenanceSeconds,
  });
}

/** Installs or upgrades schema `pgboss`. */
export async function migrateJobs(pool: Pool): Promise<void> {
  const boss = createBoss(pool, true);
  await boss.start();
  await boss.stop({ graceful: false });
}

/**
 * What pg-boss's createQueue does, under a lock: two queues that are created at the same time wait for each other. With
 * it comes the queue of the jobs that are given up.
 */
async function createQueue(db: Db, queue: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('wheelhouse: create a queue'))`.execute(tx);
    for (const name of [givenUpQueue(queue), queue])
      await sql`select pgboss.create_queue(${name}, '{"policy":"standard"}')`.execute(tx);
  });
}

/** Jobs in pg-boss's tables, by its own statements where it has them. */
export function createJobStore(deps: { pool: Pool; db: Db; log?: Pick<Logger, 'warn'> }): {
  store: JobStore;
  close(): Promise<void>;
} {
  let started: Promise<PgBoss> | null = null;
  const queues = new Map<string, Promise<void>>();

  async function start(): Promise<PgBoss> {
    const boss = createBoss(deps.pool, false);
    boss.on('error', (error) => deps.log?.warn({ err: error }, 'job maintenance failed'));
    return boss.start();
  }

  /** A failed start is forgotten, so that the next call tries again. */
  function boss(): Promise<PgBoss> {
    started ??= start().catch((error) => {
      started = null;
      throw error;
    });
    return started;
  }

  async function withQueue(queue: string): Promise<PgBoss> {
    const running = await boss();
    const created =
      queues.get(queue) ??
      createQueue(deps.db, queue).catch((error) => {
        queues.delete(queue);
        queues.delete(givenUpQueue(queue));
        throw error;
      });
    queues.set(queue, created);
    queues.set(givenUpQueue(queue), created);
    await created;
    return running;
  }

  const held = (job: HeldJob) =>
    sql`name = ${job.queue} and id = ${job.id}::uuid and state = 'active' and retry_count = ${job.attempt}`;

  const store: JobStore = {
    holdMs: holdSeconds * 1000,

    async add(queue, payload) {
      const running = await withQueue(queue);
      const id = await running.send(queue, payload, {
        ...retries,
        expireInSeconds: holdSeconds,
        startAfter: dueAtOnce,
        deadLetter: givenUpQueue(queue),
      });
      if (id === null) throw new Error(`pg-boss took no job for the queue ${queue}.`);
    },

    async due() {
      const { rows } = await sql<{ name: string }>`
        select distinct name from pgboss.job where state < 'active' and start_after < now()`.execute(deps.db);
      return rows.map(({ name }) => name);
    },

    // A queue is made when it gets its first job: before, there is none to take, and making all of them takes a start long.
    async take(queue) {
      const running = await boss();
      const [job] = await running.fetch<object>(queue, { includeMetadata: true });
      return job ? { id: job.id, queue, payload: job.data, attempt: job.retryCount } : null;
    },

    async renew(job) {
      const { rows } = await sql`
        update pgboss.job set started_on = now() where ${held(job)} returning id`.execute(deps.db);
      return rows.length > 0;
    },

    async complete(job) {
      await (await boss()).complete(job.queue, job.id);
    },

    async fail(job, reason) {
      await (await boss()).fail(job.queue, job.id, { message: reason });
    },

    async release(job) {
      // pg-boss counts an attempt when it takes a job that was started before; this one has not been.
      await sql`update pgboss.job set state = 'created', started_on = null where ${held(job)}`.execute(deps.db);
    },

    async recover(queue) {
      const running = await boss();
      // A job that brings the server down each time is given up like one that fails each time.
      const { rows } = await sql<{ id: string }>`
        select id from pgboss.job
        where name = ${queue} and state = 'active' and retry_count >= retry_limit`.execute(deps.db);
      for (const { id } of rows) await running.fail(queue, id, { message: 'The server ended while it ran.' });
      await sql`
        update pgboss.job set state = 'retry', start_after = now() + ${dueAtOnce}::interval
        where name = ${queue} and state = 'active'`.execute(deps.db);
    },
  };

  return {
    store,
    async close() {
      const running = await started?.catch(() => null);
      await running?.stop({ graceful: false });
    },
  };
}
