export { createAbuseHandlers } from './abuse-handlers.ts';
export { type AbuseGate, createAbuseGate } from './gate.ts';
export { lookAtAbuse } from './look-at-abuse.ts';
