import type { PipelineCause, PipelineDefinition, PipelineTrigger } from '../../records/index.ts';
import { triggerKey } from './check-pipeline.ts';
import { nextOfSchedule } from './cron.ts';

/** What there is to see for a trigger; null: nothing. */
export type TriggerSign =
  | { on: 'schedule' }
  /** The newest that there is, by an id that grows. */
  | { on: 'alert' | 'rolled_back'; newest: { id: string; sentence: string } | null }
  | { on: 'labels'; done: number }
  | { on: 'deprecated'; baseModel: string | null };

/** By trigger, up to what it has seen. */
export type TriggersSeen = Record<string, string | number>;

type Step = { seen: string | number; fired: string | null };

function lookAt(trigger: PipelineTrigger, sign: TriggerSign, seen: string | number | undefined, nowMs: number): Step {
  if (trigger.on === 'schedule') {
    // A clock that was set back waits for the time that was seen.
    if (typeof seen !== 'number') return { seen: nowMs, fired: null };
    const dueMs = nextOfSchedule(trigger.cron, seen);
    if (dueMs > nowMs) return { seen, fired: null };
    return { seen: nowMs, fired: `It was due at ${new Date(dueMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.` };
  }
  if (trigger.on === 'labels' && sign.on === 'labels') {
    const before = typeof seen === 'number' ? Math.min(seen, sign.done) : sign.done;
    const fresh = sign.done - before;
    if (fresh < trigger.count) return { seen: before, fired: null };
    return { seen: sign.done, fired: `Labelled in the queue ${trigger.queue}: ${fresh}.` };
  }
  if (sign.on === 'deprecated') {
    const baseModel = sign.baseModel ?? '';
    if (baseModel === '' || baseModel === seen) return { seen: baseModel, fired: null };
    return { seen: baseModel, fired: `${baseModel} is called deprecated by its vendor.` };
  }
  if (sign.on === 'alert' || sign.on === 'rolled_back') {
    const newest = sign.newest?.id ?? '';
    if (typeof seen !== 'string' || newest <= seen)
      return { seen: typeof seen === 'string' ? seen : newest, fired: null };
    return { seen: newest, fired: sign.newest?.sentence ?? '' };
  }
  return { seen: seen ?? '', fired: null };
}

/**
 * Which trigger starts a run, by what each has seen before. What was there before a trigger was set up starts none, but
 * for a base model that is deprecated; a trigger whose sign could not be read is as it was.
 */
export function lookAtTriggers(
  { triggers }: Pick<PipelineDefinition, 'triggers'>,
  { seen, signs, nowMs }: { seen: TriggersSeen; signs: readonly (TriggerSign | null)[]; nowMs: number },
): { seen: TriggersSeen; cause: PipelineCause | null } {
  const after: TriggersSeen = {};
  let cause: PipelineCause | null = null;
  for (const [at, trigger] of triggers.entries()) {
    const key = triggerKey(trigger);
    const sign = signs[at] ?? null;
    if (sign === null) {
      if (seen[key] !== undefined) after[key] = seen[key];
      continue;
    }
    const step = lookAt(trigger, sign, seen[key], nowMs);
    after[key] = step.seen;
    if (step.fired !== null) cause ??= { kind: trigger.on, sentence: step.fired };
  }
  return { seen: after, cause };
}

/** When a schedule starts a run next; null: it has none. */
export function nextScheduled({ triggers }: Pick<PipelineDefinition, 'triggers'>, nowMs: number): number | null {
  const times = triggers.flatMap((one) => (one.on === 'schedule' ? [nextOfSchedule(one.cron, nowMs)] : []));
  return times.length === 0 ? null : Math.min(...times);
}
