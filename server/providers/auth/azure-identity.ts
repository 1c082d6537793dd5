import { formHeaders } from '../small-request.ts';
import {
  addressIn,
  endAfter,
  type IdentityDeps,
  type Issued,
  metadataWaitMs,
  objectIn,
  type Step,
  textOfFile,
  wordIn,
} from './identity-steps.ts';

const resource = 'https://cognitiveservices.azure.com';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function askEntra(proof: Record<string, string>, deps: IdentityDeps): Promise<Issued<string> | null> {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client } = deps.env;
  if (!tenant || !client) return null;
  const host = deps.env.AZURE_AUTHORITY_HOST ?? 'https://login.microsoftonline.com';
  const base = addressIn('AZURE_AUTHORITY_HOST', host).href.replace(/\/*$/, '/');
  const url = new URL(`${encodeURIComponent(tenant)}/oauth2/v2.0/token`, base);
  const form = { grant_type: 'client_credentials', client_id: client, scope: `${resource}/.default`, ...proof };
  const ask = { method: 'POST', headers: formHeaders, body: new URLSearchParams(form).toString() } as const;
  const body = objectIn(await deps.request(url, ask), 'Entra');
  return { value: wordIn(body, 'access_token', 'Entra'), endsMs: endAfter(body, 'expires_in', deps.nowMs()) };
}

const clientSecret: Step<string> = {
  name: 'client secret',
  async issue(deps) {
    const secret = deps.env.AZURE_CLIENT_SECRET;
    return secret ? askEntra({ client_secret: secret }, deps) : null;
  },
};

/** Pods of AKS, and other places that hand out tokens which Entra trusts. */
const workload: Step<string> = {
  name: 'workload identity',
  async issue(deps) {
    const file = deps.env.AZURE_FEDERATED_TOKEN_FILE;
    if (!file) return null;
    return askEntra({ client_assertion_type: assertionType, client_assertion: await textOfFile(file) }, deps);
  },
};

/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token, and App Service's form. */
const managed: Step<string> = {
  name: 'managed identity',
  async issue({ env, request, nowMs }) {
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header, AZURE_CLIENT_ID: client } = env;
    const ofService = Boolean(endpoint && header);
    const host = env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? 'http://169.254.169.254';
    const url = ofService
      ? addressIn('IDENTITY_ENDPOINT', endpoint ?? '')
      : new URL('/metadata/identity/oauth2/token', addressIn('AZURE_POD_IDENTITY_AUTHORITY_HOST', host));
    url.searchParams.set('api-version', ofService ? '2019-08-01' : '2018-02-01');
    url.searchParams.set('resource', resource);
    if (client) url.searchParams.set('client_id', client);
    const headers: Record<string, string> = ofService ? { 'x-identity-header': header ?? '' } : { metadata: 'true' };
    const body = objectIn(await request(url, { headers, waitMs: metadataWaitMs }), 'the identity endpoint');
    const value = wordIn(body, 'access_token', 'the identity endpoint');
    const until = Number(body.expires_on) * 1_000;
    return { value, endsMs: Number.isFinite(until) && until > 0 ? until : endAfter(body, 'expires_in', nowMs()) };
  },
};

/** As the vendor's own SDKs look for it on a server. */
export const azureSteps: readonly Step<string>[] = [clientSecret, workload, managed];
