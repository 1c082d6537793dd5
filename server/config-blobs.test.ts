import { describe, expect, it } from 'vitest';
import { readBucket } from './config-blobs.ts';

const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };

describe('the bucket for files', () => {
  it('is read of one address and the credentials of the environment', () => {
    expect(readBucket({})).toBeNull();
    expect(readBucket({ ...keys, WHEELHOUSE_BLOBS_URL: 's3://files/a/b/?region=eu-central-1' })).toEqual({
      ...{ url: 'https://s3.eu-central-1.amazonaws.com/files', region: 'eu-central-1', prefix: 'a/b/' },
      ...{ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: null },
    });
    const local = { WHEELHOUSE_BLOBS_URL: 's3://files?endpoint=http://127.0.0.1:9000/', AWS_REGION: 'local' };
    expect(readBucket({ ...keys, ...local })).toMatchObject({ url: 'http://127.0.0.1:9000/files', prefix: '' });
  });

  it.each([
    ['https://files', 's3://'],
    ['s3://files', 'region'],
    ['s3://files?region=r&endpoint=nowhere', 'endpoint'],
  ])('%s is refused with its fault', (url, fault) => {
    const read = () => readBucket({ ...keys, WHEELHOUSE_BLOBS_URL: url });
    expect(read).toThrow(expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(fault) }));
  });

  it('needs credentials', () => {
    expect(() => readBucket({ WHEELHOUSE_BLOBS_URL: 's3://files?region=r' })).toThrow('AWS_ACCESS_KEY_ID');
  });
});
