import { describe, expect, it } from 'vitest';
import type { PipelineTrigger } from '../../records/index.ts';
import { lookAtTriggers, nextScheduled, type TriggerSign } from './triggers.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-22T10:30:00Z');

/** Looks one after the other, each at what there is to see then; what each of them starts. */
function causes(trigger: PipelineTrigger, signs: (TriggerSign | null)[], stepMs = hourMs): (string | null)[] {
  let seen: Record<string, string | number> = {};
  return signs.map((sign, i) => {
    const look = lookAtTriggers({ triggers: [trigger] }, { seen, signs: [sign], nowMs: nowMs + i * stepMs });
    seen = look.seen;
    return look.cause?.sentence ?? null;
  });
}

describe('what starts a run', () => {
  it('is an alert that opens, once, and none that was there before', () => {
    const alert = (id: string): TriggerSign => ({ on: 'alert', newest: { id, sentence: `Alert ${id}.` } });
    const trigger: PipelineTrigger = { on: 'alert', monitor: 'quality' };
    expect(causes(trigger, [alert('al_1'), alert('al_1'), alert('al_2'), alert('al_2')])).toEqual([
      ...[null, null, 'Alert al_2.', null],
    ]);
    expect(causes(trigger, [{ on: 'alert', newest: null }, alert('al_1')])).toEqual([null, 'Alert al_1.']);
  });

  it('is so many new labels, counted anew each time', () => {
    const labels = (done: number): TriggerSign => ({ on: 'labels', done });
    const trigger: PipelineTrigger = { on: 'labels', queue: 'support', count: 10 };
    expect(causes(trigger, [7, 16, 17, 26, 27].map(labels))).toEqual([
      ...[null, null, 'Labelled in the queue support: 10.', null],
      'Labelled in the queue support: 10.',
    ]);
    // Items may be removed; then it counts from there.
    expect(causes(trigger, [20, 5, 14, 15].map(labels))).toEqual([
      ...[null, null, null, 'Labelled in the queue support: 10.'],
    ]);
  });

  it('is a schedule, once for all that was missed', () => {
    const trigger: PipelineTrigger = { on: 'schedule', cron: '0 * * * *' };
    const sign: TriggerSign = { on: 'schedule' };
    expect(causes(trigger, [sign, sign])).toEqual([null, 'It was due at 2026-11-22 11:00 UTC.']);
    expect(causes(trigger, [sign, sign, sign], 10 * hourMs).map((one) => one !== null)).toEqual([false, true, true]);
    expect(causes(trigger, [sign, sign, sign], -hourMs)).toEqual([null, null, null]);
    expect(nextScheduled({ triggers: [trigger] }, nowMs)).toBe(nowMs + hourMs / 2);
    expect(nextScheduled({ triggers: [] }, nowMs)).toBeNull();
  });

  it('is a base model that is called deprecated, also when it was before', () => {
    const sign = (baseModel: string | null): TriggerSign => ({ on: 'deprecated', baseModel });
    const said = 'openai/old is called deprecated by its vendor.';
    expect(causes({ on: 'deprecated' }, [sign('openai/old'), sign('openai/old')])).toEqual([said, null]);
    expect(causes({ on: 'deprecated' }, [sign(null), sign('openai/old'), sign(null), sign('openai/old')])).toEqual([
      ...[null, said, null, said],
    ]);
  });

  it('waits where it cannot be read, and misses nothing', () => {
    const sign = (id: string): TriggerSign => ({ on: 'rolled_back', newest: { id, sentence: `${id} went.` } });
    expect(causes({ on: 'rolled_back' }, [sign('rel_1'), null, sign('rel_2')])).toEqual([null, null, 'rel_2 went.']);
  });
});
