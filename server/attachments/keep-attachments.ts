import { createHash } from 'node:crypto';
import type { AttachmentStore, Attachments, BlobStore, Clock, Random } from '@wheelhouse/core/ports';
import {
  type Attachment,
  type AttachmentPlace,
  attachmentIdOf,
  attachmentPath,
  mediaTypeOf,
  nanosToMs,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type AttachmentDeps = {
  store: AttachmentStore;
  blobs: BlobStore;
  ledger: { reject(item: { project: ProjectId; source: string; reason: string; sample: string }): void };
  clock: Clock;
  random: Random;
  /** Most bytes of one. */
  maxBytes: number;
};

/** A trace with more is no honest one. */
export const maxPerTrace = 1_000;
const hourMs = 3_600_000;
const longestName = 200;

export const ticketPath = `${attachmentPath}tickets/`;
export const hashOfTicket = (ticket: string): string => createHash('sha256').update(ticket).digest('hex');

const tidy = (place: AttachmentPlace): AttachmentPlace => ({ ...place, name: place.name.slice(0, longestName) });

const tooLarge = (maxBytes: number) =>
  new WheelhouseError('body_too_large', `The attachment is larger than ${maxBytes} bytes.`, {
    hint: 'Send a smaller one, or raise limits.attachmentBytes in wheelhouse.config.',
  });
const tooMany = (traceId: string) =>
  new WheelhouseError('invalid_request', `Trace ${traceId} has ${maxPerTrace} attachments, and a trace takes no more.`);

const notAsAnnounced = () =>
  new WheelhouseError(
    'invalid_request',
    'The bytes are not those that were announced: their length or SHA-256 differs.',
  );

/** Breaks off as soon as more comes, so that nobody fills the disk with what is thrown away. */
async function* upTo(
  content: AsyncIterable<Uint8Array>,
  bytes: number,
  tooMuch: () => Error,
): AsyncGenerator<Uint8Array> {
  let came = 0;
  for await (const chunk of content) {
    came += chunk.length;
    if (came > bytes) throw tooMuch();
    yield chunk;
  }
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** On its way here, or already here once more. */
export type Arriving = { project: ProjectId; attachment: Attachment; place: AttachmentPlace; source: string };

/** Bytes that come with traces, into blobs and out again. */
export function createAttachments(deps: AttachmentDeps) {
  const { store, blobs, ledger, clock, random, maxBytes } = deps;
  const nowMs = () => nanosToMs(clock.now());
  const token = () => Buffer.from(random.bytes(32)).toString('base64url');

  type Sender = Pick<Arriving, 'project' | 'source'>;
  function refused({ project, source }: Sender, reason: string, error: WheelhouseError): WheelhouseError {
    ledger.reject({ project, source: `${source} attachments`, reason, sample: error.message });
    return error;
  }

  async function refer(arriving: Arriving): Promise<boolean> {
    const { project, attachment, place } = arriving;
    if (attachment.bytes > maxBytes) throw refused(arriving, 'too large', tooLarge(maxBytes));
    const noted = await store.refer(project, attachment.id, tidy(place), maxPerTrace);
    if (noted === 'full') throw refused(arriving, 'too many', tooMany(place.traceId));
    return noted === 'noted';
  }

  /**
   * Takes bytes that have to be the announced ones.
   * @throws WheelhouseError `invalid_request`, `store_unavailable`; then nothing is kept
   */
  async function receive(arriving: Arriving, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { project, attachment, place } = arriving;
    const blob = `${project}/attachments/${token()}`;
    await store.doom(project, blob, nowMs() + hourMs);
    const giveUp = async () => {
      await blobs.remove(blob);
      await store.forget([blob]);
    };
    try {
      const wrong = () => refused(arriving, 'not as announced', notAsAnnounced());
      const { bytes, sha256 } = await blobs.put(blob, upTo(content, attachment.bytes, wrong));
      if (bytes !== attachment.bytes || sha256 !== attachment.sha256) throw wrong();
      const noted = await store.keep(project, { attachment, blob }, tidy(place), maxPerTrace);
      if (noted === 'full') throw refused(arriving, 'too many', tooMany(place.traceId));
      if (noted === 'lost')
        throw new WheelhouseError('store_unavailable', 'The upload took too long.', { hint: 'Send it again.' });
      if ((await store.find(project, attachment.id))?.blob !== blob) await giveUp();
    } catch (error) {
      // What cannot be given up now is due in an hour.
      await giveUp().catch(() => {});
      throw error;
    }
  }

  const attachments: Attachments = {
    describe(content, type) {
      const digest = createHash('sha256').update(content).digest();
      return {
        id: attachmentIdOf(digest.toString('base64')),
        sha256: digest.toString('hex'),
        bytes: content.length,
        type: mediaTypeOf(type),
      };
    },

    async keep(project, { attachment, content, place }, source) {
      const arriving = { project, attachment, place, source };
      if (!(await refer(arriving))) await receive(arriving, once(content));
    },

    async invite(project, attachment, place, source) {
      if (await refer({ project, attachment, place, source })) return null;
      const ticket = token();
      await store.issue(hashOfTicket(ticket), { do: 'put', project, attachment, place }, nowMs() + hourMs);
      return `${ticketPath}${ticket}`;
    },

    async show(project, id) {
      const found = await store.find(project, id);
      if (!found) return null;
      const ticket = token();
      const untilMs = nowMs() + hourMs;
      await store.issue(hashOfTicket(ticket), { do: 'get', project, id }, untilMs);
      const { attachment, createdAt } = found;
      return { attachment, createdAt, path: `${ticketPath}${ticket}`, until: new Date(untilMs).toISOString() };
    },
  };
  return { ...attachments, receive };
}
