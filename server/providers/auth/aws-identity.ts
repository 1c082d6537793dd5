import { isIP } from 'node:net';
import type { JsonObject } from '@wheelhouse/core/records';
import { formHeaders } from '../small-request.ts';
import type { AwsCredentials } from './aws-signature.ts';
import {
  addressIn,
  type IdentityDeps,
  type Issued,
  metadataWaitMs,
  objectIn,
  refused,
  type Step,
  textOfFile,
  wordIn,
} from './identity-steps.ts';

type AwsStep = Step<AwsCredentials>;

const forEver = Number.MAX_SAFE_INTEGER;

function endOf(iso: string, where: string): number {
  const endsMs = Date.parse(iso);
  if (Number.isNaN(endsMs)) throw refused(`${where} gave no usable \`Expiration\``);
  return endsMs;
}

/** The form that containers' and instances' credentials come in. */
function credentialsIn(body: JsonObject, where: string): Issued<AwsCredentials> {
  return {
    value: {
      accessKeyId: wordIn(body, 'AccessKeyId', where),
      secretAccessKey: wordIn(body, 'SecretAccessKey', where),
      sessionToken: wordIn(body, 'Token', where),
    },
    endsMs: endOf(wordIn(body, 'Expiration', where), where),
  };
}

const environment: AwsStep = {
  name: 'environment',
  async issue({ env }) {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
    if (!accessKeyId || !secretAccessKey) return null;
    return { value: { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN ?? null }, endsMs: forEver };
  },
};

const xml = (text: string, tag: string) => new RegExp(`<${tag}>\\s*([^<]+?)\\s*</${tag}>`).exec(text)?.[1];

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: pods of EKS, and others. */
const webIdentity: AwsStep = {
  name: 'web identity',
  async issue({ env, request }) {
    const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role } = env;
    if (!file || !role) return null;
    const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
    const url = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region === undefined ? '' : `${region}.`}amazonaws.com/`;
    const form = {
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: env.AWS_ROLE_SESSION_NAME ?? 'wheelhouse',
      // Read each time: it is replaced before it ends.
      WebIdentityToken: await textOfFile(file),
    };
    const { status, text } = await request(addressIn('AWS_ENDPOINT_URL_STS', url), {
      method: 'POST',
      headers: { 'content-type': formHeaders['content-type'] },
      body: new URLSearchParams(form).toString(),
    });
    if (status !== 200)
      throw refused(`STS answered ${status} ${/^\w+$/.exec(xml(text, 'Code') ?? '')?.[0] ?? ''}`.trim());
    const body = {
      AccessKeyId: xml(text, 'AccessKeyId') ?? null,
      SecretAccessKey: xml(text, 'SecretAccessKey') ?? null,
      Token: xml(text, 'SessionToken') ?? null,
      Expiration: xml(text, 'Expiration') ?? null,
    };
    return credentialsIn(body, 'STS');
  },
};

const containerHosts = new Set(['169.254.170.2', '169.254.170.23', 'fd00:ec2::23', 'localhost', '::1']);

/** Plain HTTP leads to the container's agent alone, as in the vendor's own SDKs. */
function checkContainer(url: URL): URL {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const loopback = isIP(host) === 4 && host.startsWith('127.');
  if (url.protocol === 'https:' || containerHosts.has(host) || loopback) return url;
  throw refused('AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor the agent of the container');
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html: tasks of ECS, pod identity of EKS. */
const container: AwsStep = {
  name: 'container',
  async issue({ env, request }) {
    const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env;
    if (!relative && !full) return null;
    const url = relative
      ? new URL(`http://169.254.170.2${relative.startsWith('/') ? '' : '/'}${relative}`)
      : checkContainer(addressIn('AWS_CONTAINER_CREDENTIALS_FULL_URI', full ?? ''));
    const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    const token = file ? await textOfFile(file) : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    const headers = { accept: 'application/json', ...(token && { authorization: token }) };
    const answer = await request(url, { headers, waitMs: metadataWaitMs });
    return credentialsIn(objectIn(answer, 'the container agent'), 'the container agent');
  },
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, version 2 alone. */
const instance: AwsStep = {
  name: 'instance metadata',
  async issue({ env, request }: IdentityDeps) {
    if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return null;
    const given = env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? 'http://169.254.169.254';
    const base = addressIn('AWS_EC2_METADATA_SERVICE_ENDPOINT', given);
    const where = 'the metadata server';
    const token = await request(new URL('/latest/api/token', base), {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
      waitMs: metadataWaitMs,
    });
    if (token.status !== 200 || !/^[\x21-\x7e]{1,512}$/.test(token.text))
      throw refused(`${where} gave no token (${token.status})`);
    const headers = { 'x-aws-ec2-metadata-token': token.text };
    const roles = new URL('/latest/meta-data/iam/security-credentials/', base);
    const listed = await request(roles, { headers, waitMs: metadataWaitMs });
    const role = listed.text.trim().split('\n')[0] ?? '';
    if (listed.status !== 200 || !/^[\w+=,.@-]{1,128}$/.test(role))
      throw refused(`${where} names no role of the instance`);
    const answer = await request(new URL(encodeURIComponent(role), roles), { headers, waitMs: metadataWaitMs });
    const body = objectIn(answer, where);
    if (body.Code !== undefined && body.Code !== 'Success') throw refused(`${where} has no credentials for ${role}`);
    return credentialsIn(body, where);
  },
};

/** The default chain of AWS, but for profiles of people. */
export const awsSteps: readonly AwsStep[] = [environment, webIdentity, container, instance];
