import { createHash } from 'node:crypto';
import type { BlobStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { AwsClient } from 'aws4fetch';
import { checkBlobName } from './blob-name.ts';

export type S3Options = {
  /** `https://s3.eu-central-1.amazonaws.com/bucket`, or any server that speaks S3, the bucket in the path. */
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
  /** Before every name, for example `wheelhouse/`. */
  prefix: string;
  /** Size of the parts of what is large; S3 takes none below 5 MiB but the last. */
  partBytes?: number;
};

const defaultPartBytes = 8 * 1024 * 1024;
const removedAtOnce = 8;
const xmlText = (xml: string, tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? null;

function unavailable(what: string, cause?: unknown): WheelhouseError {
  return new WheelhouseError('store_unavailable', `The blob store did not take the request: ${what}.`, {
    hint: 'Check the bucket, its region and the credentials in the environment; the request can be sent again.',
    cause,
  });
}

/** Pieces of one size, the last of whatever is left; at least one. */
async function* inParts(content: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let size = 0;
  let given = false;
  for await (const chunk of content) {
    held.push(chunk);
    size += chunk.length;
    while (size >= partBytes) {
      const all = Buffer.concat(held);
      yield all.subarray(0, partBytes);
      given = true;
      held = [all.subarray(partBytes)];
      size -= partBytes;
    }
  }
  if (size > 0 || !given) yield Buffer.concat(held);
}

/** Blobs as objects of a bucket (Amazon S3 API, signature version 4); what is large goes up in parts. */
export function openS3Blobs(options: S3Options): BlobStore {
  const { url, region, prefix, partBytes = defaultPartBytes } = options;
  const client = new AwsClient({
    accessKeyId: options.accessKeyId,
    secretAccessKey: options.secretAccessKey,
    ...(options.sessionToken === null ? {} : { sessionToken: options.sessionToken }),
    region,
    service: 's3',
  });
  const place = (name: string, query = '') => `${url.replace(/\/$/, '')}/${prefix}${checkBlobName(name)}${query}`;

  async function send(address: string, init: RequestInit): Promise<Response> {
    const answer = await client.fetch(address, init).catch((cause: unknown) => {
      throw unavailable(cause instanceof Error ? cause.message : 'it cannot be reached', cause);
    });
    if (answer.ok || answer.status === 404) return answer;
    const text = await answer.text();
    throw unavailable(`${answer.status} ${xmlText(text, 'Code') ?? ''} ${xmlText(text, 'Message') ?? ''}`.trim());
  }

  async function expectOk(address: string, init: RequestInit): Promise<Response> {
    const answer = await send(address, init);
    if (answer.status === 404) throw unavailable(`404 ${xmlText(await answer.text(), 'Code') ?? ''}`.trim());
    return answer;
  }

  async function putPart(name: string, upload: string, number: number, part: Buffer): Promise<string> {
    const query = `?partNumber=${number}&uploadId=${encodeURIComponent(upload)}`;
    const answer = await expectOk(place(name, query), { method: 'PUT', body: new Uint8Array(part) });
    await answer.arrayBuffer();
    return answer.headers.get('etag') ?? '';
  }

  async function complete(name: string, upload: string, tags: string[]): Promise<void> {
    const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const answer = await expectOk(place(name, `?uploadId=${encodeURIComponent(upload)}`), {
      method: 'POST',
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
    });
    // S3 may find out only after it has said 200.
    const text = await answer.text();
    if (text.includes('<Error>')) throw unavailable(xmlText(text, 'Message') ?? 'the upload could not be completed');
  }

  const remove = async (name: string): Promise<void> =>
    void (await (await send(place(name), { method: 'DELETE' })).arrayBuffer());

  /** Names below a folder, at most 1,000 (ListObjectsV2). */
  async function firstIn(folder: string): Promise<string[]> {
    const query = `?list-type=2&prefix=${encodeURIComponent(`${prefix}${checkBlobName(folder)}/`)}`;
    const text = await (await expectOk(`${url.replace(/\/$/, '')}/${query}`, { method: 'GET' })).text();
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => {
      const name = key.replaceAll('&amp;', '&').slice(prefix.length);
      if (!name.startsWith(`${folder}/`)) throw unavailable(`it listed ${key} below ${folder}`);
      return name;
    });
  }

  return {
    async put(name, content) {
      const hash = createHash('sha256');
      const tags: string[] = [];
      let bytes = 0;
      let upload: string | null = null;
      try {
        for await (const part of inParts(content, partBytes)) {
          hash.update(part);
          bytes += part.length;
          if (upload === null && part.length < partBytes) {
            await (await expectOk(place(name), { method: 'PUT', body: new Uint8Array(part) })).arrayBuffer();
            return { bytes, sha256: hash.digest('hex') };
          }
          upload ??= xmlText(await (await expectOk(place(name, '?uploads'), { method: 'POST' })).text(), 'UploadId');
          if (upload === null) throw unavailable('it named no upload');
          tags.push(await putPart(name, upload, tags.length + 1, part));
        }
        await complete(name, upload ?? '', tags);
      } catch (error) {
        if (upload !== null)
          await send(place(name, `?uploadId=${encodeURIComponent(upload)}`), { method: 'DELETE' }).catch(() => {});
        throw error;
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    async get(name) {
      const answer = await send(place(name), { method: 'GET' });
      if (answer.status === 404) {
        const code = xmlText(await answer.text(), 'Code');
        if (code === 'NoSuchBucket') throw unavailable('404 NoSuchBucket');
        return null;
      }
      return answer.body ?? (async function* () {})();
    },
    remove,
    async removeAll(folder) {
      // What was listed is gone before the next list, so that this is always the first page.
      for (let names = await firstIn(folder); names.length > 0; names = await firstIn(folder))
        for (let at = 0; at < names.length; at += removedAtOnce)
          await Promise.all(names.slice(at, at + removedAtOnce).map(remove));
    },
  };
}
