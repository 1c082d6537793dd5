export { postgresEngines, type TestDatabase, type TestEngine } from './engines.ts';
