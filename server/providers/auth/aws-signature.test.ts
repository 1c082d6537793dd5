import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAwsCredentials, signAws } from './aws-signature.ts';

const nowMs = Date.UTC(2026, 2, 4, 5, 6, 7, 89);
const credentials = { accessKeyId: 'AKIDEXAMPLE000000', secretAccessKey: 'wJalr/XUtnFEMI+K7MDENG', sessionToken: null };

/** Another implementation, told to sign the same headers. */
async function reference(path: string, body: string, sessionToken: string | null): Promise<string | null> {
  const signer = new AwsV4Signer({
    url: `https://bedrock-runtime.eu-west-1.amazonaws.com${path}`,
    method: 'POST',
    headers: { 'x-amz-content-sha256': signed(path, body, sessionToken)['x-amz-content-sha256'] ?? '' },
    body,
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(sessionToken === null ? {} : { sessionToken }),
    service: 'bedrock',
    region: 'eu-west-1',
    datetime: '20260304T050607Z',
  });
  return (await signer.sign()).headers.get('authorization');
}

const signed = (path: string, body: string, sessionToken: string | null) =>
  signAws(
    {
      method: 'POST',
      host: 'bedrock-runtime.eu-west-1.amazonaws.com',
      path,
      body: Buffer.from(body),
      region: 'eu-west-1',
      service: 'bedrock',
      nowMs,
    },
    { ...credentials, sessionToken },
  );

const model = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text));
const query = fc.constantFrom('', 'a=1', 'b=2&a=1', 'x=a%20b&y=%2F', 'k=');

describe('the signature of AWS', () => {
  it('is that of another implementation, for any model, query, body and session', async () => {
    await fc.assert(
      fc.asyncProperty(
        model,
        query,
        fc.string(),
        fc.option(fc.stringMatching(/^[0-9a-f]{8,40}$/)),
        async (name, q, body, token) => {
          const path = `/model/${encodeURIComponent(name)}/converse${q === '' ? '' : `?${q}`}`;
          expect(signed(path, body, token).authorization).toBe(await reference(path, body, token));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('covers the body, and sends along what was signed', () => {
    const one = signed('/model/a/converse', '{}', 'token');
    expect(one).toMatchObject({ 'x-amz-date': '20260304T050607Z', 'x-amz-security-token': 'token' });
    expect(one.host).toBeUndefined();
    expect(signed('/model/a/converse', '{ }', 'token').authorization).not.toBe(one.authorization);
  });

  it.each([
    [
      'AKIDEXAMPLE000000:se/cr+et',
      { accessKeyId: 'AKIDEXAMPLE000000', secretAccessKey: 'se/cr+et', sessionToken: null },
    ],
    ['AKIDEXAMPLE000000:s:t:o', { accessKeyId: 'AKIDEXAMPLE000000', secretAccessKey: 's', sessionToken: 't:o' }],
    ['ABSKQmVkcm9ja0FQSUtleS1hYmM=', null],
    ['bedrock-api-key-YmVkcm9jay5hbWF6b25hd3M:x', null],
  ])('reads %s', (secret, read) => {
    expect(readAwsCredentials(secret)).toEqual(read);
  });
});
