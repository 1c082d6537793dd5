import { isJsonObject, type JsonObject } from '@wheelhouse/core/records';
import { formHeaders, jsonOf } from '../small-request.ts';
import { cloudScope } from './google-token.ts';
import {
  endAfter,
  type IdentityDeps,
  type Issued,
  metadataWaitMs,
  objectIn,
  refused,
  type Step,
  textOfFile,
  wordIn,
} from './identity-steps.ts';

/** What a federation file names is the operator's word; a token still goes over plain HTTP to this machine alone. */
function federationUrl(file: JsonObject, name: string): URL {
  const text = file[name];
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(127\.|\[::1\]|localhost$)/.test(url.hostname)))
    return url;
  throw refused(`the federation file has no https \`${name}\``);
}

/** The token that says who this is elsewhere: from a file, or from an address of this machine's network. */
async function subjectToken(source: JsonObject, { request }: IdentityDeps): Promise<string> {
  const format = isJsonObject(source.format) ? source.format : {};
  let text: string;
  if (typeof source.file === 'string') text = await textOfFile(source.file);
  else if (typeof source.url === 'string' && URL.canParse(source.url)) {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(isJsonObject(source.headers) ? source.headers : {}))
      if (typeof value === 'string') headers[name] = value;
    const answer = await request(new URL(source.url), { headers, waitMs: metadataWaitMs });
    if (answer.status !== 200) throw refused(`the source of the token answered ${answer.status}`);
    text = answer.text.trim();
  } else throw refused('only a file or an address can be the source of the token');
  if (format.type !== 'json') return text;
  const body = jsonOf({ text });
  const field = typeof format.subject_token_field_name === 'string' ? format.subject_token_field_name : '';
  return wordIn(isJsonObject(body) ? body : {}, field, 'the source of the token');
}

/** The token of a service account in whose name the workload may act. */
async function impersonate(url: URL, token: string, { request }: IdentityDeps): Promise<Issued<string>> {
  const answer = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ scope: [cloudScope], lifetime: '3600s' }),
  });
  const body = objectIn(answer, 'the service account');
  const endsMs = Date.parse(wordIn(body, 'expireTime', 'the service account'));
  return { value: wordIn(body, 'accessToken', 'the service account'), endsMs: Number.isNaN(endsMs) ? 0 : endsMs };
}

/** https://google.aip.dev/auth/4117: a token of elsewhere becomes one of Google (RFC 8693). */
const federation: Step<string> = {
  name: 'workload identity federation',
  async issue(deps) {
    const path = deps.env.GOOGLE_APPLICATION_CREDENTIALS;
    if (!path) return null;
    const file = jsonOf({ text: await textOfFile(path) });
    if (!isJsonObject(file) || file.type !== 'external_account')
      throw refused(`${path} is no file of the type external_account`);
    const source = isJsonObject(file.credential_source) ? file.credential_source : {};
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: wordIn(file, 'audience', path),
      scope: cloudScope,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: await subjectToken(source, deps),
      subject_token_type: wordIn(file, 'subject_token_type', path),
    };
    const url = federationUrl(file, 'token_url');
    const body = new URLSearchParams(form).toString();
    const answer = objectIn(
      await deps.request(url, { method: 'POST', headers: formHeaders, body }),
      'the token service',
    );
    const token = wordIn(answer, 'access_token', 'the token service');
    if (file.service_account_impersonation_url !== undefined)
      return impersonate(federationUrl(file, 'service_account_impersonation_url'), token, deps);
    return { value: token, endsMs: endAfter(answer, 'expires_in', deps.nowMs()) };
  },
};

/** https://cloud.google.com/compute/docs/metadata/overview: machines, pods and services on Google Cloud. */
const metadata: Step<string> = {
  name: 'metadata server',
  async issue({ env, request, nowMs }) {
    const host = env.GCE_METADATA_HOST ?? '169.254.169.254';
    if (!/^[\w.-]+(?::\d{1,5})?$/.test(host)) throw refused('GCE_METADATA_HOST is no host');
    const url = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
    const answer = await request(url, { headers: { 'metadata-flavor': 'Google' }, waitMs: metadataWaitMs });
    // Anything else at that address is not Google's.
    if (answer.headers['metadata-flavor'] !== 'Google') throw refused(`${host} is no metadata server of Google`);
    const body = objectIn(answer, 'the metadata server');
    const value = wordIn(body, 'access_token', 'the metadata server');
    return { value, endsMs: endAfter(body, 'expires_in', nowMs()) };
  },
};

/** Application default credentials of machines; keys in files go their own way. */
export const googleSteps: readonly Step<string>[] = [federation, metadata];
