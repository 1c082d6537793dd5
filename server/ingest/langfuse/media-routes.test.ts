import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { doorRequest, fakeDoorWorld } from '../../../testing/fakes/index.ts';
import { createLangfuseDoor } from './langfuse-door.ts';

const bytes = Buffer.from('a picture');
const announced = {
  traceId: 'a'.repeat(32),
  observationId: 'b'.repeat(16),
  contentType: 'image/png',
  contentLength: bytes.length,
  sha256Hash: createHash('sha256').update(bytes).digest('base64'),
  field: 'input',
};
/** As its clients compute it. */
const mediaId = announced.sha256Hash.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22);

function open() {
  const world = fakeDoorWorld();
  const door = createLangfuseDoor(world.deps);
  const ask = (method: string, path: string, body?: unknown) =>
    door.answer(doorRequest('/api/public', { method, url: `/api/public${path}`, body }));
  return { world, ask };
}

describe("Langfuse's media", () => {
  it('are announced, sent to the address that is answered, and asked for no second time', async () => {
    const { world, ask } = open();
    expect(await ask('POST', '/media', announced)).toEqual({
      status: 201,
      body: { mediaId, uploadUrl: `http://wheelhouse.test/upload/${mediaId}` },
    });
    expect(world.attachments.invited).toMatchObject([
      {
        attachment: { id: mediaId, type: 'image/png', bytes: bytes.length },
        place: { traceId: announced.traceId, spanId: announced.observationId, name: 'input' },
      },
    ]);
    expect(await ask('PATCH', `/media/${mediaId}`, { uploadHttpStatus: 200 })).toEqual({ status: 200, body: {} });
    world.attachments.kept.push(...world.attachments.invited);
    expect(await ask('POST', '/media', announced)).toEqual({ status: 201, body: { mediaId, uploadUrl: null } });
    expect(await ask('GET', `/media/${mediaId}`)).toMatchObject({
      body: { mediaId, contentType: 'image/png', contentLength: 9, url: `http://wheelhouse.test/read/${mediaId}` },
    });
  });

  it('belong to the trace as a whole when they name no observation', async () => {
    const { world, ask } = open();
    const { observationId: _, ...whole } = announced;
    await ask('POST', '/media', whole);
    expect(world.attachments.invited[0]?.place.spanId).toBeNull();
  });

  it.each([
    ['traceId', null],
    ['field', '../etc'],
    ['sha256Hash', 'c2hvcnQ='],
    ['contentLength', -1],
    ['contentLength', 1.5],
  ])('says what %s takes when it is %s', async (param, value) => {
    const { world, ask } = open();
    await expect(ask('POST', '/media', { ...announced, [param]: value })).rejects.toMatchObject({
      code: 'invalid_request',
      param,
    });
    expect(world.attachments.invited).toEqual([]);
  });

  it.each([mediaId, '..%2F..', 'x'])('says that there is none of the id %s', async (id) => {
    const { ask } = open();
    await expect(ask('GET', `/media/${id}`)).rejects.toMatchObject({ code: 'not_found' });
  });
});
