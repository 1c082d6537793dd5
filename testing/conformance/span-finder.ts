import type { SpanFinder, SpanStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, spanIdOfClient } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId } from './sample-spans.ts';

type World = { spans: Pick<SpanStore, 'append'>; finder: SpanFinder; close(): Promise<void> };

const other = 'other' as ProjectId;

export function spanFinderConformance(name: string, open: () => Promise<World>): void {
  describe(`span finder: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('finds traces and spans by their ids as soon as they are stored, and in their project alone', async () => {
      const traceId = freshTraceId();
      const [spanId, nowhere] = [spanIdOfClient(`one of ${traceId}`), spanIdOfClient(`none of ${traceId}`)];
      expect(await world.finder.hasTrace(defaultProjectId, traceId)).toBe(false);
      await world.spans.append([bareSpan(traceId, spanId)], freshTraceId());
      expect(await world.finder.hasTrace(defaultProjectId, traceId)).toBe(true);
      expect(await world.finder.hasTrace(other, traceId)).toBe(false);
      expect(await world.finder.tracesOf(defaultProjectId, [nowhere, spanId])).toEqual(new Map([[spanId, traceId]]));
      expect(await world.finder.tracesOf(other, [spanId])).toEqual(new Map());
      expect(await world.finder.tracesOf(defaultProjectId, [])).toEqual(new Map());
    });
  });
}
