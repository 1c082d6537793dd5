import { createHash, createHmac } from 'node:crypto';

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string | null };

export type AwsRequest = {
  method: string;
  host: string;
  /** As it is sent, with its query. */
  path: string;
  body: Uint8Array | null;
  region: string;
  service: string;
  nowMs: number;
};

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

const encodeAll = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every service but S3 signs the path as it is sent, encoded once more. */
const canonicalPath = (path: string) => path.split('/').map(encodeAll).join('/');

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [encodeAll(name), encodeAll(value)] as const);
  return pairs
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * The headers that sign a request: AWS Signature Version 4,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Host, date and session
 * token are signed, and the body by its hash; no other header is, so that nothing on the way can break it.
 */
export function signAws(request: AwsRequest, credentials: AwsCredentials): Record<string, string> {
  const time = `${new Date(request.nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '')}`;
  const day = time.slice(0, 8);
  const bodyHash = sha256(request.body ?? '');
  const signed: Record<string, string> = { host: request.host, 'x-amz-content-sha256': bodyHash, 'x-amz-date': time };
  if (credentials.sessionToken !== null) signed['x-amz-security-token'] = credentials.sessionToken;
  const names = Object.keys(signed).sort();
  const [path = '', query = ''] = request.path.split('?', 2);
  const canonical = [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    bodyHash,
  ].join('\n');
  const scope = `${day}/${request.region}/${request.service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  let key: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  for (const part of [day, request.region, request.service, 'aws4_request']) key = hmac(key, part);
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  const { host: _, ...headers } = signed;
  const credential = `${credentials.accessKeyId}/${scope}`;
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}

/** `ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]`; null: it is a Bedrock API key. */
export function readAwsCredentials(secret: string): AwsCredentials | null {
  const match = /^([A-Z0-9]{4,128}):([^:]+)(?::(.+))?$/s.exec(secret.trim());
  if (!match) return null;
  return { accessKeyId: match[1] ?? '', secretAccessKey: match[2] ?? '', sessionToken: match[3] ?? null };
}
