import type { MachineIdentity } from '../vendor.ts';
import type { Authenticate } from './authenticate.ts';
import { bearer } from './authenticate.ts';
import { awsSteps } from './aws-identity.ts';
import { type AwsCredentials, signAws } from './aws-signature.ts';
import { azureSteps } from './azure-identity.ts';
import { googleSteps } from './google-identity.ts';
import { Identity, type IdentityDeps } from './identity-steps.ts';

type Outgoing = Parameters<Authenticate>[0];

/** The variables of each vendor's own SDKs that say who a machine is. Nothing else of the environment is handed on. */
export const identityVariables: Record<MachineIdentity, readonly string[]> = {
  aws: [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_ROLE_ARN',
    'AWS_ROLE_SESSION_NAME',
    'AWS_ENDPOINT_URL_STS',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    'AWS_EC2_METADATA_DISABLED',
    'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  ],
  google: ['GOOGLE_APPLICATION_CREDENTIALS', 'GCE_METADATA_HOST'],
  azure: [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_AUTHORITY_HOST',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
  ],
};

/** Lets requests in by what is ready, or waits for it. */
const by =
  <T>(identity: Identity<T>, put: (request: Outgoing, value: T) => void): Authenticate =>
  (request) => {
    const value = identity.ready();
    if (value === null) return identity.fetch().then((fetched) => put(request, fetched));
    put(request, value);
    return undefined;
  };

/** Requests in the name of the machine; `settings` and `service`: of AWS, for the signature. */
export function createMachineAuthenticate(
  identity: MachineIdentity,
  { settings, service }: { settings: Record<string, string>; service: string },
  deps: IdentityDeps,
): Authenticate {
  const putToken = ({ headers }: Outgoing, token: string) => bearer(headers, token);
  if (identity === 'google') return by(new Identity('Google Cloud', googleSteps, deps), putToken);
  if (identity === 'azure') return by(new Identity('Azure', azureSteps, deps), putToken);
  const { region = '' } = settings;
  const env = { ...deps.env, AWS_REGION: region };
  return by(new Identity<AwsCredentials>('AWS', awsSteps, { ...deps, env }), (request, credentials) => {
    Object.assign(request.headers, signAws({ ...request, region, service, nowMs: deps.nowMs() }, credentials));
  });
}
