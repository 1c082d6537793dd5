import {
  type Attachment,
  type AttachmentPlace,
  attachmentIdOf,
  mediaTypeOf,
  parseAttachmentId,
  spanIdOfClient,
  traceIdOfClient,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type DoorAnswer, type DoorDeps, type DoorRequest, objectBody } from '../vendor-door.ts';
import { textOf } from '../vendor-values.ts';

const source = 'langfuse';
const sha256Bytes = 32;
const fields = ['input', 'output', 'metadata'];

const wrong = (param: string, takes: string) =>
  new WheelhouseError('invalid_request', `\`${param}\` takes ${takes}.`, { param });

/** What a client says of bytes before it sends them. */
async function readAnnouncement(request: DoorRequest): Promise<{ attachment: Attachment; place: AttachmentPlace }> {
  const body = await objectBody(request);
  const trace = textOf(body.traceId);
  if (trace === null) throw wrong('traceId', 'the id of a trace; media of datasets are not kept here');
  const field = textOf(body.field);
  if (field === null || !fields.includes(field)) throw wrong('field', `one of ${fields.join(', ')}`);
  const hash = textOf(body.sha256Hash) ?? '';
  const digest = Buffer.from(hash, 'base64');
  if (digest.length !== sha256Bytes) throw wrong('sha256Hash', 'the SHA-256 of the bytes in base64');
  const bytes = body.contentLength;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 1)
    throw wrong('contentLength', 'a number of bytes, 1 or more');
  const observation = textOf(body.observationId);
  return {
    attachment: {
      id: attachmentIdOf(digest.toString('base64')),
      sha256: digest.toString('hex'),
      bytes,
      type: mediaTypeOf(textOf(body.contentType) ?? ''),
    },
    place: {
      traceId: traceIdOfClient(trace),
      spanId: observation === null ? null : spanIdOfClient(observation),
      name: field,
    },
  };
}

/** The part of Langfuse's API that takes media: announced first, then sent to the address that is answered. */
export function createMediaRoutes({ attachments }: Pick<DoorDeps, 'attachments'>) {
  async function announce(request: DoorRequest): Promise<DoorAnswer> {
    const { attachment, place } = await readAnnouncement(request);
    const path = await attachments.invite(request.by.project, attachment, place, source);
    const uploadUrl = path === null ? null : `${request.origin}${path}`;
    return { status: 201, body: { mediaId: attachment.id, uploadUrl } };
  }

  async function get(request: DoorRequest, id: string): Promise<DoorAnswer> {
    const mediaId = parseAttachmentId(id);
    const shown = mediaId && (await attachments.show(request.by.project, mediaId));
    if (!shown) throw new WheelhouseError('not_found', `There is no media ${id.slice(0, 80)}.`);
    const { attachment, createdAt, path, until } = shown;
    return {
      status: 200,
      body: {
        mediaId,
        contentType: attachment.type,
        contentLength: attachment.bytes,
        uploadedAt: createdAt,
        url: `${request.origin}${path}`,
        urlExpiry: until,
      },
    };
  }

  return {
    announce,
    get,
    /** How an upload went is known here, because it came here. */
    report: async (): Promise<DoorAnswer> => ({ status: 200, body: {} }),
  };
}
