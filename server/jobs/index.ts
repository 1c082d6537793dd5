export { type Jobs, type JobsDeps, openJobs } from './open-jobs.ts';
