import { openJobs } from '@wheelhouse/server/jobs/index';
import { jobQueueConformance } from '../conformance/index.ts';
import { fakeJobStore } from './index.ts';

jobQueueConformance('in memory', async () => {
  const store = fakeJobStore();
  return { start: (options) => openJobs({ store, ...options }), close: async () => {} };
});
