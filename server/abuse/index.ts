export { createAbuseHandlers } from './abuse-handlers.ts';
export { type AbuseGate, createAbuseGate } from './gate.ts';
export { lookAtAbuse, lookAtAbuseEveryMs } from './look-at-abuse.ts';
