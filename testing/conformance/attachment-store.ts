import type { AttachmentStore } from '@wheelhouse/core/ports';
import {
  type Attachment,
  type AttachmentId,
  type AttachmentPlace,
  defaultProjectId,
  type ProjectId,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type World = { attachments: AttachmentStore; close(): Promise<void> };

const project = defaultProjectId;
const elsewhere = 'elsewhere' as ProjectId;
const run = Math.floor(Math.random() * 2 ** 40)
  .toString(36)
  .padStart(8, '0');
let count = 0;
const spanId = '00f067aa0ba902b7' as SpanId;
const farMs = Date.parse('2100-01-01T00:00:00Z');

const freshTrace = () => (++count).toString(16).padStart(8, '0').concat(randomHex()) as TraceId;
const randomHex = () =>
  [1, 2, 3]
    .map(() =>
      Math.floor(Math.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
const freshBlob = () => `default/attachments/${run}-${++count}`;
const freshAttachment = (): Attachment => ({
  id: `${run}${++count}`.padEnd(22, '-') as AttachmentId,
  sha256: 'a'.repeat(64),
  bytes: 2 ** 33,
  type: 'image/png',
});

/** What every {@link AttachmentStore} does. */
export function attachmentStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`attachment store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const at = (traceId: TraceId, more: Partial<AttachmentPlace> = {}): AttachmentPlace => ({
      traceId,
      spanId,
      name: 'a.png',
      ...more,
    });
    const keep = async (attachment: Attachment, place: AttachmentPlace, most = 10) => {
      const blob = freshBlob();
      await world.attachments.doom(project, blob, farMs);
      return { blob, noted: await world.attachments.keep(project, { attachment, blob }, place, most) };
    };
    const due = async (nowMs = Date.now() + 60_000) => new Set(await world.attachments.due(nowMs, 1_000));

    it('keeps the same bytes once, at every place, of one project', async () => {
      const [attachment, trace] = [freshAttachment(), freshTrace()];
      const { blob, noted } = await keep(attachment, at(trace));
      expect(noted).toBe('noted');
      expect(await world.attachments.find(project, attachment.id)).toMatchObject({ attachment, blob });
      expect(await world.attachments.find(elsewhere, attachment.id)).toBeNull();
      const second = await keep(attachment, at(trace, { spanId: null, name: '' }));
      expect(second.noted).toBe('noted');
      expect((await world.attachments.find(project, attachment.id))?.blob).toBe(blob);
      expect(await world.attachments.refer(project, attachment.id, at(trace), 10)).toBe('noted');
      expect(await world.attachments.ofTrace(project, trace)).toEqual([
        { attachment, place: at(trace) },
        { attachment, place: at(trace, { spanId: null, name: '' }) },
      ]);
      expect(await world.attachments.ofTrace(elsewhere, trace)).toEqual([]);
      expect(await world.attachments.refer(elsewhere, attachment.id, at(trace), 10)).toBeNull();
    });

    it('takes so many attachments of a trace and no more', async () => {
      const [first, second, trace] = [freshAttachment(), freshAttachment(), freshTrace()];
      expect((await keep(first, at(trace), 1)).noted).toBe('noted');
      expect((await keep(second, at(trace), 1)).noted).toBe('full');
      expect(await world.attachments.find(project, second.id)).toBeNull();
      expect(await world.attachments.refer(project, first.id, at(trace, { name: 'b.png' }), 1)).toBe('full');
      expect((await keep(first, at(trace), 1)).noted).toBe('noted');
    });

    it('gives up a blob that was not made an attachment in time, and makes none of it afterwards', async () => {
      const [attachment, blob, spared] = [freshAttachment(), freshBlob(), freshBlob()];
      await world.attachments.doom(project, blob, Date.now() - 1);
      await world.attachments.doom(project, spared, farMs);
      expect(await due(Date.now())).toContain(blob);
      expect(await due(Date.now())).not.toContain(spared);
      expect(await due(Date.now())).toContain(blob);
      expect(await world.attachments.keep(project, { attachment, blob }, at(freshTrace()), 10)).toBe('lost');
      await world.attachments.forget([blob]);
      expect(await due(Date.now())).not.toContain(blob);
      expect(await world.attachments.keep(project, { attachment, blob }, at(freshTrace()), 10)).toBe('lost');
    });

    it('lets bytes go with the last trace that they belong to', async () => {
      const [shared, own] = [freshAttachment(), freshAttachment()];
      const [first, second] = [freshTrace(), freshTrace()];
      const { blob: sharedBlob } = await keep(shared, at(first));
      await keep(shared, at(second));
      const { blob: ownBlob } = await keep(own, at(first));
      await world.attachments.leave(elsewhere, [first]);
      expect(await world.attachments.ofTrace(project, first)).toHaveLength(2);
      await world.attachments.leave(project, [first]);
      expect(await world.attachments.ofTrace(project, first)).toEqual([]);
      expect(await world.attachments.find(project, own.id)).toBeNull();
      expect(await world.attachments.ofTrace(project, second)).toHaveLength(1);
      const gone = await due();
      expect([gone.has(ownBlob), gone.has(sharedBlob)]).toEqual([true, false]);
      await world.attachments.leave(project, [second]);
      expect(await due()).toContain(sharedBlob);
    });

    it('pages through traces whose attachments came before a time', async () => {
      const traces = [freshTrace(), freshTrace(), freshTrace()].sort();
      for (const trace of traces) await keep(freshAttachment(), at(trace));
      expect(await world.attachments.settled({ beforeMs: Date.now() - 60_000, limit: 1_000 })).toEqual([]);
      const found: string[] = [];
      for (let after: { project: ProjectId; traceId: TraceId } | undefined; ; ) {
        const page = await world.attachments.settled({
          beforeMs: Date.now() + 60_000,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        found.push(...page.map(({ traceId }) => traceId));
        after = page.at(-1);
        if (after === undefined) break;
      }
      expect(found.filter((trace) => traces.includes(trace as TraceId))).toEqual(traces);
      expect(new Set(found).size).toBe(found.length);
    });

    it('knows a ticket until it is over', async () => {
      const hash = `${run}-ticket-${++count}`;
      const ticket = { do: 'get', project, id: freshAttachment().id } as const;
      await world.attachments.issue(hash, ticket, 2_000);
      expect(await world.attachments.redeem(hash, 1_999)).toEqual(ticket);
      expect(await world.attachments.redeem(hash, 2_000)).toBeNull();
      expect(await world.attachments.redeem('another', 0)).toBeNull();
      await world.attachments.expire(2_000);
      expect(await world.attachments.redeem(hash, 0)).toBeNull();
    });
  });
}
