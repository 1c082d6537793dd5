import { WheelhouseError } from '@wheelhouse/core/records';

/** A bucket of Amazon S3, or of any server that speaks its API. */
export type BucketConfig = {
  /** Up to and including the bucket. */
  url: string;
  region: string;
  /** Before every name in the bucket; empty or ending in a slash. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | null;
};

const invalid = (message: string) =>
  new WheelhouseError('config_invalid', message, {
    hint: 'The form is s3://bucket/folder?region=eu-central-1, with &endpoint=https://host for another server than Amazon.',
  });

/**
 * Where files are kept when not in the data directory: `WHEELHOUSE_BLOBS_URL`, with the credentials that AWS's own tools
 * read from the environment.
 * @throws WheelhouseError `config_invalid`
 */
export function readBucket(env: Record<string, string | undefined>): BucketConfig | null {
  const given = env.WHEELHOUSE_BLOBS_URL;
  if (given === undefined) return null;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url?.protocol !== 's3:' || url.hostname === '') throw invalid('WHEELHOUSE_BLOBS_URL is not an s3:// URL.');
  const region = url.searchParams.get('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (region === undefined) throw invalid('WHEELHOUSE_BLOBS_URL names no region, and neither does AWS_REGION.');
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new WheelhouseError(
      'config_invalid',
      'WHEELHOUSE_BLOBS_URL needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      {
        hint: 'Set both in the environment or in .env.',
      },
    );
  const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint))
    throw invalid('Its `endpoint` is not an http or https URL.');
  const folder = url.pathname.replace(/^\/+|\/+$/g, '');
  return {
    url: `${endpoint.replace(/\/$/, '')}/${url.hostname}`,
    region,
    prefix: folder === '' ? '' : `${folder}/`,
    accessKeyId,
    secretAccessKey,
    sessionToken: env.AWS_SESSION_TOKEN ?? null,
  };
}
