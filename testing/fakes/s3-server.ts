import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsV4Signer } from 'aws4fetch';

export type S3Server = {
  url: string;
  objects: Map<string, Buffer>;
  uploads: Map<string, Buffer[]>;
  close(): Promise<void>;
};

/** Amazon lists 1,000. */
const pageOfKeys = 3;

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of req) all.push(chunk as Buffer);
  return Buffer.concat(all);
}

/** A bucket over a real socket that checks signatures, as far as a client of the S3 API can tell. */
export async function startS3Server(keys: {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Buffer[]>();

  /** Signs the request again, as it came. */
  async function isSigned(req: IncomingMessage, body: Buffer): Promise<boolean> {
    const { authorization = '', host = '' } = req.headers;
    const datetime = String(req.headers['x-amz-date'] ?? '');
    const signer = new AwsV4Signer({
      ...keys,
      service: 's3',
      method: req.method ?? 'GET',
      url: `http://${host}${req.url}`,
      datetime,
      headers: { 'x-amz-content-sha256': String(req.headers['x-amz-content-sha256'] ?? '') },
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    });
    const { headers } = await signer.sign();
    const signature = (text: string) => /Signature=([0-9a-f]+)/.exec(text)?.[1];
    return (
      signature(authorization) !== undefined &&
      signature(authorization) === signature(headers.get('authorization') ?? '')
    );
  }

  function answer(req: IncomingMessage, body: Buffer): { status: number; body?: Buffer | string; etag?: string } {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://s3');
    const upload = searchParams.get('uploadId');
    if (req.method === 'POST' && searchParams.has('uploads')) {
      const id = `upload/${uploads.size}+1`;
      uploads.set(id, []);
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      };
    }
    if (upload !== null) {
      const parts = uploads.get(upload);
      if (!parts) return { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' };
      if (req.method === 'PUT') {
        parts[Number(searchParams.get('partNumber')) - 1] = body;
        return { status: 200, etag: `"${createHash('md5').update(body).digest('hex')}"` };
      }
      uploads.delete(upload);
      if (req.method === 'POST') objects.set(pathname, Buffer.concat(parts));
      return { status: req.method === 'POST' ? 200 : 204, body: '<CompleteMultipartUploadResult/>' };
    }
    if (req.method === 'GET' && searchParams.get('list-type') === '2') {
      const start = `${pathname}${searchParams.get('prefix') ?? ''}`;
      const keys = [...objects.keys()].filter((name) => name.startsWith(start)).slice(0, pageOfKeys);
      const contents = keys.map((name) => `<Contents><Key>${name.slice(pathname.length)}</Key></Contents>`);
      return { status: 200, body: `<ListBucketResult>${contents.join('')}</ListBucketResult>` };
    }
    if (req.method === 'PUT') objects.set(pathname, body);
    if (req.method === 'DELETE') objects.delete(pathname);
    const found = objects.get(pathname);
    if (req.method === 'GET' && !found) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    return { status: req.method === 'DELETE' ? 204 : 200, ...(req.method === 'GET' && found ? { body: found } : {}) };
  }

  const server = createServer(async (req, res) => {
    const body = await bodyOf(req);
    const found = (await isSigned(req, body))
      ? answer(req, body)
      : {
          status: 403,
          body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not match.</Message></Error>',
        };
    res.writeHead(found.status, found.etag === undefined ? {} : { etag: found.etag });
    res.end(found.status === 204 ? undefined : found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket`,
    objects,
    uploads,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
