import { fakeJobStore } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { openJobs } from './open-jobs.ts';

const never = 3_600_000;

it('tells of a job that failed each time, as soon as it is given up', async () => {
  const jobs = openJobs({ store: fakeJobStore(), exclusive: true, pollMs: never });
  let attempts = 0;
  const told = new Promise<object>((resolve) => {
    void jobs.work(
      'hopeless',
      async () => {
        attempts += 1;
        throw new Error('still broken');
      },
      { givenUp: async (payload) => resolve(payload) },
    );
  });
  await jobs.enqueue('hopeless', { id: 1 });
  expect(await told).toEqual({ id: 1 });
  expect(attempts).toBe(5);
  await jobs.stop();
});

it('tells of a job that was running at each of several kills', async () => {
  const store = fakeJobStore();
  await store.add('deadly', { id: 2 });
  for (let kill = 0; kill < 4; kill++) {
    await store.take('deadly');
    await store.recover('deadly');
  }
  await store.take('deadly');
  const jobs = openJobs({ store, exclusive: true, pollMs: never });
  const told = await new Promise<object>((resolve) => {
    void jobs.work('deadly', async () => {}, { givenUp: async (payload) => resolve(payload) });
  });
  expect(told).toEqual({ id: 2 });
  await jobs.stop();
});
