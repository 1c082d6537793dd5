import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createGoogleTokens, type PostForm } from './google-token.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serviceAccount = {
  type: 'service_account',
  client_email: 'bot@p.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  private_key_id: 'kid1',
  token_uri: 'https://oauth2.googleapis.com/token',
};

function world(answer: () => { status: number; body: object } = () => ok('t1')) {
  const asked: { url: string; form: Record<string, string> }[] = [];
  const time = { nowMs: Date.now() };
  const post: PostForm = async (url, form) => {
    asked.push({ url: url.href, form });
    return answer() as Awaited<ReturnType<PostForm>>;
  };
  return { asked, time, tokens: createGoogleTokens({ post, nowMs: () => time.nowMs }) };
}
const ok = (token: string) => ({ status: 200, body: { access_token: token, expires_in: 3600 } });

describe('tokens of Google', () => {
  it('are asked for once, with a signed assertion, and kept until shortly before they end', async () => {
    let count = 0;
    const { asked, time, tokens } = world(() => ok(`t${++count}`));
    const secret = JSON.stringify(serviceAccount);
    expect(tokens.ready(secret)).toBeNull();
    expect(await Promise.all([tokens.fetch(secret), tokens.fetch(secret)])).toEqual(['t1', 't1']);
    expect(tokens.ready(secret)).toBe('t1');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      url: serviceAccount.token_uri,
      form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    });
    const { payload, protectedHeader } = await jwtVerify(asked[0]?.form.assertion ?? '', publicKey, {
      issuer: serviceAccount.client_email,
      audience: serviceAccount.token_uri,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'kid1' });
    expect(payload).toMatchObject({ scope: 'https://www.googleapis.com/auth/cloud-platform' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    time.nowMs += 3_470_000;
    expect(tokens.ready(secret)).toBe('t1');
    time.nowMs += 20_000;
    expect(tokens.ready(secret)).toBeNull();
    expect(await tokens.fetch(secret)).toBe('t2');
  });

  it('come from a refresh token too, and a token is taken as it is', async () => {
    const { asked, tokens } = world();
    const user = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };
    expect(await tokens.fetch(JSON.stringify(user))).toBe('t1');
    expect(asked[0]?.form).toEqual({
      grant_type: 'refresh_token',
      client_id: 'i',
      client_secret: 's',
      refresh_token: 'r',
    });
    expect(await tokens.fetch(' ya29.plain\n')).toBe('ya29.plain');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['{', 'not JSON'],
    ['{"type":"external_account"}', 'external_account'],
    [JSON.stringify({ ...serviceAccount, private_key: 'x' }), 'PKCS #8'],
    [JSON.stringify({ ...serviceAccount, client_email: '' }), 'client_email'],
    [JSON.stringify({ ...serviceAccount, token_uri: 'https://169.254.169.254/token' }), 'token_uri'],
    [JSON.stringify({ ...serviceAccount, token_uri: 'https://evilgoogleapis.com/token' }), 'token_uri'],
    [JSON.stringify({ ...serviceAccount, token_uri: 'http://oauth2.googleapis.com/token' }), 'token_uri'],
  ])('are refused for %s', async (secret, part) => {
    await expect(world().tokens.fetch(secret)).rejects.toMatchObject({
      code: 'upstream_key_missing',
      message: expect.stringContaining(part),
    });
  });

  it('are asked for again after Google refused, with its reason told', async () => {
    const answers = [{ status: 400, body: { error: 'invalid_grant' } }, ok('t2')];
    const { tokens } = world(() => answers.shift() ?? ok('t3'));
    const secret = JSON.stringify(serviceAccount);
    await expect(tokens.fetch(secret)).rejects.toThrow('400 invalid_grant');
    expect(await tokens.fetch(secret)).toBe('t2');
  });
});
