import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';

/** Sends a form and gives the JSON answer. */
export type PostForm = (url: URL, form: Record<string, string>) => Promise<{ status: number; body: Json }>;

export type GoogleTokens = {
  /** A token that is still good for a while; null: {@link fetch} must be waited for. */
  ready(secret: string): string | null;
  /** @throws WheelhouseError `upstream_key_missing`, `upstream_unreachable` */
  fetch(secret: string): Promise<string>;
};

const tokenUrl = 'https://oauth2.googleapis.com/token';
export const cloudScope = 'https://www.googleapis.com/auth/cloud-platform';
/** A token is asked for again this long before its end, so that none ends on its way. */
const marginMs = 120_000;

const invalid = (reason: string) =>
  new WheelhouseError('upstream_key_missing', `The Google credentials cannot be used: ${reason}.`, {
    hint: 'Set the JSON text of a service account, of application default credentials, or an access token.',
  });

function text(from: JsonObject, name: string): string {
  const value = from[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`they have no \`${name}\``);
}

/** Google's own token endpoint, or another of its hosts: what stands in a key must not lead anywhere else. */
function tokenEndpoint(credentials: JsonObject): URL {
  const given = typeof credentials.token_uri === 'string' ? credentials.token_uri : tokenUrl;
  const url = URL.canParse(given) ? new URL(given) : null;
  const google = url?.protocol === 'https:' && /(?:^|\.)googleapis\.com$/.test(url.hostname);
  if (!google) throw invalid('their `token_uri` is no address of Google');
  return url;
}

async function assertion(credentials: JsonObject, audience: string, nowMs: number): Promise<string> {
  const { importPKCS8, SignJWT } = await import('jose');
  const key = await importPKCS8(text(credentials, 'private_key'), 'RS256').catch(() => {
    throw invalid('their `private_key` is no PKCS #8 key');
  });
  const seconds = Math.floor(nowMs / 1000);
  const keyId = credentials.private_key_id;
  return new SignJWT({ scope: cloudScope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(typeof keyId === 'string' ? { kid: keyId } : {}) })
    .setIssuer(text(credentials, 'client_email'))
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(key);
}

/** RFC 7523 for service accounts, a refresh token for what `gcloud auth application-default login` leaves. */
async function formOf(credentials: JsonObject, endpoint: URL, nowMs: number): Promise<Record<string, string>> {
  if (credentials.type === 'service_account')
    return {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(credentials, endpoint.href, nowMs),
    };
  if (credentials.type === 'authorized_user')
    return {
      grant_type: 'refresh_token',
      client_id: text(credentials, 'client_id'),
      client_secret: text(credentials, 'client_secret'),
      refresh_token: text(credentials, 'refresh_token'),
    };
  if (credentials.type === 'external_account')
    throw invalid(
      'a file of the type external_account is the identity of a machine, `identity: "machine"`, and no key',
    );
  throw invalid(`their type \`${String(credentials.type)}\` is neither service_account nor authorized_user`);
}

function parse(secret: string): JsonObject | null {
  if (!secret.trimStart().startsWith('{')) return null;
  try {
    const value: Json = JSON.parse(secret);
    if (isJsonObject(value)) return value;
  } catch {
    // Said below.
  }
  throw invalid('they are not JSON');
}

/** Access tokens for Google Cloud, kept until shortly before they end; one request at a time for each key. */
export function createGoogleTokens(deps: { post: PostForm; nowMs(): number }): GoogleTokens {
  const kept = new Map<string, { token: string; untilMs: number }>();
  const running = new Map<string, Promise<string>>();

  async function exchange(secret: string): Promise<string> {
    const credentials = parse(secret);
    if (credentials === null) return secret.trim();
    const endpoint = tokenEndpoint(credentials);
    const { status, body } = await deps.post(endpoint, await formOf(credentials, endpoint, deps.nowMs()));
    const answer = isJsonObject(body) ? body : {};
    if (status !== 200 || typeof answer.access_token !== 'string')
      throw invalid(`Google answered ${status} ${typeof answer.error === 'string' ? answer.error : ''}`.trim());
    const seconds = typeof answer.expires_in === 'number' ? answer.expires_in : 0;
    kept.set(secret, { token: answer.access_token, untilMs: deps.nowMs() + seconds * 1000 - marginMs });
    return answer.access_token;
  }

  return {
    ready(secret) {
      const found = kept.get(secret);
      return found !== undefined && found.untilMs > deps.nowMs() ? found.token : null;
    },
    fetch(secret) {
      let promise = running.get(secret);
      if (promise === undefined) {
        promise = exchange(secret).finally(() => running.delete(secret));
        running.set(secret, promise);
      }
      return promise;
    },
  };
}
