import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AttachmentStore, AttachmentTicket, BlobStore, Clock, SpanStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type AttachmentId,
  attachmentPath,
  nanosToMs,
  type ProjectId,
  parseAttachmentId,
  parseSpanId,
  parseTraceId,
  recordedMediaAt,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Arriving, hashOfTicket, ticketPath } from './keep-attachments.ts';
import { type SentBytes, sendBytes } from './send-bytes.ts';

export type AttachmentDoorDeps = {
  store: Pick<AttachmentStore, 'find' | 'redeem'>;
  blobs: Pick<BlobStore, 'get'>;
  spans: Pick<SpanStore, 'span'>;
  receive(arriving: Arriving, content: AsyncIterable<Uint8Array>): Promise<void>;
  clock: Clock;
};

type PutTicket = Extract<AttachmentTicket, { do: 'put' }>;

const notFound = (what: string) =>
  new WheelhouseError('not_found', `There is no ${what}.`, {
    hint: 'GET /api/v1/traces/{traceId}/attachments lists those of a trace.',
  });

/** `GET /api/v1/attachments/…`: what came with a trace, or stands as base64 in one of its spans. */
export function createAttachmentDoor({ store, blobs, spans, receive, clock }: AttachmentDoorDeps) {
  async function stored(project: ProjectId, id: AttachmentId): Promise<SentBytes> {
    const found = await store.find(project, id);
    const content = found && (await blobs.get(found.blob));
    if (!content) throw notFound('attachment of that id');
    return { type: found.attachment.type, bytes: found.attachment.bytes, content };
  }

  async function recorded(project: ProjectId, [trace = '', span = '']: string[], url: URL): Promise<SentBytes> {
    const [traceId, spanId] = [parseTraceId(trace), parseSpanId(span)];
    const found = traceId && spanId && (await spans.span(project, traceId, spanId));
    if (!found) throw notFound('span of that id');
    const media = recordedMediaAt(found, url.searchParams.get('at') ?? '', Number(url.searchParams.get('nth') ?? 0));
    if (media === null) throw notFound('base64 at that place of the span');
    const bytes = Buffer.from(media.base64, 'base64');
    return {
      type: media.type,
      bytes: bytes.length,
      content: (async function* () {
        yield bytes;
      })(),
    };
  }

  const send = (req: IncomingMessage, res: ServerResponse, found: SentBytes): Promise<void> =>
    sendBytes(res, req.method === 'HEAD' ? { ...found, content: null } : found);

  /** A refusal reaches who is still sending, and ends the connection. */
  async function takeUpload(req: IncomingMessage, res: ServerResponse, ticket: PutTicket): Promise<void> {
    try {
      await receive({ ...ticket, source: 'langfuse' }, req.iterator({ destroyOnReturn: false }));
    } catch (error) {
      res.setHeader('connection', 'close');
      req.resume();
      throw error;
    }
    res.writeHead(200, { 'content-length': 0 }).end();
  }

  async function byTicket(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const ticket = await store.redeem(hashOfTicket(path.slice(ticketPath.length)), nanosToMs(clock.now()));
    if (req.method === 'PUT' && ticket?.do === 'put') {
      await takeUpload(req, res, ticket);
    } else if (req.method === 'GET' && ticket?.do === 'get')
      await send(req, res, await stored(ticket.project, ticket.id));
    else throw new WheelhouseError('not_found', 'This ticket is not known, is over, or is for something else.');
  }

  return {
    /** Whether the path says itself who may read or write there. */
    isTicket: (path: string): boolean => path.startsWith(ticketPath),
    byTicket,
    async handle(req: IncomingMessage, res: ServerResponse, { by, path }: { by: Actor; path: string }): Promise<void> {
      const pieces = path.slice(attachmentPath.length).split('/');
      const id = pieces.length === 1 ? parseAttachmentId(pieces[0] ?? '') : null;
      const url = new URL(req.url ?? '/', 'http://local');
      if (id !== null) return send(req, res, await stored(by.project, id));
      if (pieces.length === 2) return send(req, res, await recorded(by.project, pieces, url));
      throw notFound('such attachment');
    },
  };
}
