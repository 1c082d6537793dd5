export { lockDirectory } from './directory-lock.ts';
export { servePostgres } from './postgres-wire.ts';
export { type Embedded, type EmbeddedLog, type EmbeddedOptions, startEmbedded } from './start-embedded.ts';
