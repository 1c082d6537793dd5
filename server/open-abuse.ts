import { createAbuseHandlers, lookAtAbuse } from './abuse/index.ts';
import type { Foundation } from './open-foundation.ts';

type Base = Pick<Foundation, 'records' | 'telemetry' | 'feed' | 'clock' | 'random' | 'log' | 'gate' | 'heartbeat'>;

/** Users who abuse models: what looks for them, and what people do about them. The gateway carries it out. */
export function openAbuse({ records, telemetry, feed, clock, random, log, gate, heartbeat }: Base) {
  const deps = {
    ...{ store: records.abuse, calls: telemetry.abuse, now: telemetry.releases.now, feed, clock },
    newId: () => `ch_${Buffer.from(random.bytes(15)).toString('base64url')}`,
    changed: () => gate.refresh(),
  };
  const look = { ...deps, arrived: telemetry.online.arrived, wholeSpans: telemetry.wholeSpans, log };
  const worker = heartbeat.on('abuse', (stopping) => lookAtAbuse(look, stopping), {
    onError: (err) => log.error({ err }, 'calls of users could not be looked at; tried again soon'),
  });
  return { handlers: createAbuseHandlers(deps), worker };
}
