import { type Check, good, sameAddress, sameHost, warn } from '@wheelhouse/sdk/doctor';

type Here = {
  /** What an OpenAI client takes as base URL. */
  openaiUrl: string;
  /** What an OpenTelemetry exporter takes as endpoint. */
  otlpUrl: string;
  needsKey: boolean;
};
type Env = Record<string, string | undefined>;

function checkOpenai(env: Env, here: Here): Check {
  const set = env.OPENAI_BASE_URL;
  const todo = `Where the app starts (not the server, which takes it for its vendor):\nexport OPENAI_BASE_URL=${here.openaiUrl}`;
  if (!set) return warn('calls', 'OPENAI_BASE_URL is not set in this shell.', todo);
  if (sameAddress(set, here.openaiUrl)) return good('calls', 'OPENAI_BASE_URL points here.');
  const forgot = sameHost(set, here.openaiUrl) ? ' The path is missing or wrong.' : '';
  return warn('calls', `OPENAI_BASE_URL points elsewhere: ${set}.${forgot}`, todo);
}

/** The endpoint is the server; the endpoint of traces alone is the whole address. */
function checkOtlp(env: Env, here: Here): Check {
  const traces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const name = traces ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT' : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const set = traces || base;
  const right = traces ? `${here.otlpUrl}/v1/traces` : here.otlpUrl;
  const todo = `Where the app starts:\nexport ${name}=${right}`;
  if (!set) return warn('spans out', `${name} is not set in this shell.`, todo);
  if (!sameAddress(set, right)) return warn('spans out', `${name} points elsewhere: ${set}.`, todo);
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (protocol === 'grpc')
    return warn(
      'spans out',
      `${name} points here, but the protocol is grpc.`,
      'Spans come over HTTP:\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    );
  const headers = env.OTEL_EXPORTER_OTLP_TRACES_HEADERS || env.OTEL_EXPORTER_OTLP_HEADERS || '';
  if (here.needsKey && !/(?:^|,)\s*authorization\s*=/i.test(headers))
    return warn(
      'spans out',
      `${name} points here, but OTEL_EXPORTER_OTLP_HEADERS carries no key.`,
      'export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$WHEELHOUSE_ADMIN_KEY"',
    );
  return good('spans out', `${name} points here.`);
}

/** Where an app that is started from this shell would send its calls and spans. */
export const checkAppEnvironment = (env: Env, here: Here): Check[] => [checkOpenai(env, here), checkOtlp(env, here)];
