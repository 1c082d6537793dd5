import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type AttachmentPlace,
  attachmentIdOf,
  defaultProjectId,
  type ProjectId,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { fakeAttachmentStore, fakeBlobStore } from '../../testing/fakes/index.ts';
import { createAttachmentEraser, sweepAttachments } from './erase-attachments.ts';
import { createAttachments, hashOfTicket, maxPerTrace, ticketPath } from './keep-attachments.ts';

const project = defaultProjectId;
const hourMs = 3_600_000;
const traceId = 'a'.repeat(32) as TraceId;
const place = (more: Partial<AttachmentPlace> = {}): AttachmentPlace => ({
  traceId,
  spanId: 'b'.repeat(16) as SpanId,
  name: 'a.png',
  ...more,
});

/** What blobs there are, by name. */
function countedBlobs() {
  const blobs = fakeBlobStore();
  const names = new Set<string>();
  return {
    names,
    ...blobs,
    put: async (name: string, content: AsyncIterable<Uint8Array>) => {
      names.add(name);
      return blobs.put(name, content);
    },
    remove: async (name: string) => {
      names.delete(name);
      await blobs.remove(name);
    },
  };
}

function open(examples: TraceId[] = []) {
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const clock = { now: () => BigInt(nowMs) * 1_000_000n };
  const store = fakeAttachmentStore(
    () => nowMs,
    (trace) => examples.includes(trace),
  );
  const blobs = countedBlobs();
  const rejected: { source: string; reason: string }[] = [];
  let seed = 0;
  const random = { bytes: (count: number) => new Uint8Array(count).fill(++seed) };
  const ledger = { reject: (item: { source: string; reason: string }) => void rejected.push(item) };
  const attachments = createAttachments({ store, blobs, ledger, clock, random, maxBytes: 100 });
  const stored = new Set<TraceId>([traceId]);
  const spans = {
    traceSummaries: async (_: ProjectId, ids: TraceId[]) =>
      ids.filter((id) => stored.has(id)).map((id) => ({ traceId: id })),
  };
  const keep = (text: string, at = place()) => {
    const content = Buffer.from(text);
    return attachments.keep(
      project,
      { attachment: attachments.describe(content, 'image/png'), content, place: at },
      'langsmith',
    );
  };
  const upload = (text: string, announced = text) =>
    attachments.receive(
      {
        project,
        attachment: attachments.describe(Buffer.from(announced), 'image/png'),
        place: place(),
        source: 'langfuse',
      },
      Readable.from([Buffer.from(text)]),
    );
  return {
    ...{ store, blobs, attachments, rejected, stored, keep, upload },
    later: (ms: number) => {
      nowMs += ms;
    },
    sweep: () => sweepAttachments({ store, blobs, spans: spans as never, clock }),
    eraser: createAttachmentEraser({ store, blobs, clock }),
  };
}

describe('what comes with traces', () => {
  it('is kept once, under the hash of its bytes, wherever it belongs', async () => {
    const { store, blobs, keep } = open();
    await keep('same');
    await keep('same', place({ name: 'b.png' }));
    const found = await store.ofTrace(project, traceId);
    expect(found.map(({ place: { name } }) => name)).toEqual(['a.png', 'b.png']);
    const digest = createHash('sha256').update('same').digest();
    expect(found[0]?.attachment).toEqual({
      id: attachmentIdOf(digest.toString('base64')),
      sha256: digest.toString('hex'),
      bytes: 4,
      type: 'image/png',
    });
    expect(blobs.names.size).toBe(1);
  });

  it.each([
    ['another content', 'real', 'fake'],
    ['less', 'rea', 'real'],
    ['more', 'real and more', 'real'],
  ])('is refused when %s came than was announced, and leaves nothing', async (_, text, announced) => {
    const { upload, store, blobs, rejected } = open();
    await expect(upload(text, announced)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(rejected).toMatchObject([{ source: 'langfuse attachments', reason: 'not as announced' }]);
    expect([blobs.names.size, await store.ofTrace(project, traceId)]).toEqual([0, []]);
    expect(await store.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
  });

  it('is read no further than it was announced', async () => {
    const { attachments } = open();
    let chunks = 0;
    async function* endless() {
      for (; chunks < 10_000; chunks++) yield Buffer.from('more');
    }
    const attachment = attachments.describe(Buffer.from('real'), 'image/png');
    const arriving = { project, attachment, place: place(), source: 'langfuse' };
    await expect(attachments.receive(arriving, endless())).rejects.toMatchObject({ code: 'invalid_request' });
    expect(chunks).toBeLessThan(3);
  });

  it('is kept once when two send it at a time', async () => {
    const { upload, blobs, store } = open();
    await Promise.all([upload('same'), upload('same')]);
    expect(blobs.names.size).toBe(1);
    expect(await store.ofTrace(project, traceId)).toHaveLength(1);
  });

  it('is refused when it is too large or one too many, with a line in the ledger each', async () => {
    const { keep, attachments, rejected, blobs } = open();
    await expect(keep('x'.repeat(101))).rejects.toMatchObject({
      code: 'body_too_large',
      hint: expect.stringContaining('limits.attachmentBytes'),
    });
    const huge = { ...attachments.describe(Buffer.from('x'), 'video/mp4'), bytes: 100 * 1024 * 1024 };
    await expect(attachments.invite(project, huge, place(), 'langfuse')).rejects.toMatchObject({
      code: 'body_too_large',
    });
    for (let i = 0; i < maxPerTrace; i++) await keep('same', place({ name: `${i}` }));
    await expect(keep('same', place({ name: 'more' }))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(keep('other')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(rejected.map(({ source, reason }) => `${source}: ${reason}`)).toEqual([
      'langsmith attachments: too large',
      'langfuse attachments: too large',
      'langsmith attachments: too many',
      'langsmith attachments: too many',
    ]);
    expect(blobs.names.size).toBe(1);
  });

  it('is let in by a ticket that is for nothing else, and over after an hour', async () => {
    const { attachments, store, keep } = open();
    const told = attachments.describe(Buffer.from('x'), 'image/png');
    const path = await attachments.invite(project, told, place(), 'langfuse');
    const ticket = hashOfTicket((path ?? '').slice(ticketPath.length));
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    expect(await store.redeem(ticket, nowMs)).toEqual({ do: 'put', project, attachment: told, place: place() });
    expect(await store.redeem(ticket, nowMs + hourMs)).toBeNull();
    expect(await attachments.show(project, told.id)).toBeNull();
    await keep('x');
    expect(await attachments.invite(project, told, place(), 'langfuse')).toBeNull();
    expect(await attachments.show('other' as ProjectId, told.id)).toBeNull();
    const shown = await attachments.show(project, told.id);
    expect(shown).toMatchObject({ attachment: told, until: '2026-01-01T01:00:00.000Z' });
    expect(await store.redeem(hashOfTicket((shown?.path ?? '').slice(ticketPath.length)), nowMs)).toEqual({
      do: 'get',
      project,
      id: told.id,
    });
  });

  it('goes with its trace, but for bytes that another trace has', async () => {
    const { keep, eraser, blobs, store } = open();
    const other = 'c'.repeat(32) as TraceId;
    await keep('own');
    await keep('shared');
    await keep('shared', place({ traceId: other }));
    await eraser.erase(project, [traceId]);
    expect(blobs.names.size).toBe(1);
    expect(await store.ofTrace(project, other)).toHaveLength(1);
    await eraser.erase(project, [other]);
    expect(blobs.names.size).toBe(0);
  });

  it('goes when its trace went because it was old or never came, unless a dataset has an example of that', async () => {
    const [never, dataset] = ['c'.repeat(32) as TraceId, 'd'.repeat(32) as TraceId];
    const { keep, sweep, later, stored, blobs, store } = open([dataset]);
    await keep('here');
    await keep('never', place({ traceId: never }));
    await keep('example', place({ traceId: dataset }));
    await sweep();
    expect(blobs.names.size).toBe(3);
    later(hourMs);
    await sweep();
    expect([blobs.names.size, await store.ofTrace(project, never)]).toEqual([2, []]);
    stored.delete(traceId);
    await sweep();
    expect(blobs.names.size).toBe(1);
    expect(await store.ofTrace(project, dataset)).toHaveLength(1);
  });

  it('leaves no bytes behind when a kill came in the middle of an upload', async () => {
    const { store, blobs, sweep, later } = open();
    await store.doom(project, 'default/attachments/half', Date.parse('2026-01-01T01:00:00Z'));
    await blobs.put('default/attachments/half', Readable.from([Buffer.from('half')]));
    await sweep();
    expect(blobs.names.size).toBe(1);
    later(hourMs);
    await sweep();
    expect(blobs.names.size).toBe(0);
  });
});
