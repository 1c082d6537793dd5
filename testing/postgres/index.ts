export { postgresEngines, type TestDatabase, type TestEngine } from './engines.ts';
export { findServer } from './server-engine.ts';
