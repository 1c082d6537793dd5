import type { ServerInfoBody } from '@wheelhouse/core/contract';
import { type Client, createClient, WheelhouseApiError } from '../client/index.ts';
import { bad, type Check, good, warn } from './check.ts';
import { readLedger } from './read-ledger.ts';
import { sameAddress } from './same-address.ts';

export type DoctorDeps = {
  /** Without a slash at the end; empty for the page's own origin. */
  baseUrl: string;
  apiKey: string | null;
  /** The version of whoever asks, to compare with the server's; null: the server brought it, so they are the same. */
  version: string | null;
  /** Whether to send one call through the gateway, which leaves a trace as every call does. */
  call: boolean;
  fetch: typeof fetch;
  nowMs(): number;
  wait(ms: number): Promise<void>;
};

/** How long an answer may take before the server counts as away. */
const answerMs = 5_000;
/** How long a trace may take from the answer until it can be read. */
const traceMs = 15_000;
const pollMs = 50;

/** What the doctor asks the simulated model, so that its trace says whose it is. */
export const probeText = 'wheelhouse doctor: one test call';

type Answer = { status: number; text: string; traceId: string | null };

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : null;
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${answerMs / 1000} s`;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
};

async function ask(deps: DoctorDeps, path: string, body?: object): Promise<Answer> {
  const response = await deps.fetch(`${deps.baseUrl}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(deps.apiKey === null ? {} : { authorization: `Bearer ${deps.apiKey}` }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(answerMs),
  });
  return {
    status: response.status,
    text: await response.text(),
    traceId: response.headers.get('x-wheelhouse-trace-id'),
  };
}

function member(text: string, ...path: string[]): string | null {
  try {
    let value: unknown = JSON.parse(text);
    for (const name of path)
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** What an answer says went wrong, in OpenAI's form, in OTLP's, or as it is. */
const complaint = ({ status, text }: Answer): string =>
  member(text, 'error', 'message') ?? member(text, 'message') ?? `HTTP ${status} ${text.slice(0, 120)}`.trim();

async function checkReached(deps: DoctorDeps): Promise<Check> {
  const here = deps.baseUrl === '' ? 'this address' : deps.baseUrl;
  try {
    const answer = await ask(deps, '/healthz');
    if (member(answer.text, 'status') === 'ok') return good('server', `Wheelhouse answers at ${here}.`);
    return bad('server', `Something answers at ${here}, but it is not Wheelhouse.`, elsewhere(deps));
  } catch (error) {
    const reason = reasonOf(error);
    return bad(
      'server',
      `No answer from ${here}${reason && `: ${reason}`}.`,
      `Start it with: wheelhouse start. ${elsewhere(deps)}`.trim(),
    );
  }
}

const elsewhere = (deps: DoctorDeps) =>
  deps.baseUrl === '' ? '' : 'If it runs elsewhere, say where: WHEELHOUSE_URL=http://host:port';

async function checkStores(deps: DoctorDeps): Promise<Check> {
  const answer = await ask(deps, '/readyz');
  if (answer.status === 200) return good('stores', 'Both databases are ready.');
  const status = member(answer.text, 'status');
  if (status === 'draining') return bad('stores', 'The server is stopping.', 'Start it again.');
  return bad(
    'stores',
    `The databases are not ready: ${member(answer.text, 'reason') ?? complaint(answer)}`,
    'Calls still pass, and their spans wait. If this lasts, the server’s log says why.',
  );
}

function keyProblem(error: WheelhouseApiError, deps: DoctorDeps): Check {
  if (error.status !== 401) return bad('key', error.message, error.hint);
  if (deps.baseUrl === '') return bad('key', 'This page is not signed in.', 'Sign in at /sign-in.');
  return deps.apiKey === null
    ? bad(
        'key',
        'The server needs its admin key, and none was given.',
        'Set WHEELHOUSE_ADMIN_KEY to the key that the server was started with.',
      )
    : bad(
        'key',
        'WHEELHOUSE_ADMIN_KEY is not the key of this server.',
        'Set it to the key that the server was started with.',
      );
}

const checkKey = (server: ServerInfoBody): Check =>
  server.authentication === 'loopback'
    ? good('key', 'No key is needed: only this machine can connect.')
    : good('key', 'The admin key is right.');

function checkVersion(server: ServerInfoBody, version: string): Check {
  if (server.version === version) return good('version', `Server and command are both ${version}.`);
  return warn(
    'version',
    `The server is ${server.version}, this command is ${version}.`,
    'Install the same version of both.',
  );
}

async function isStored(client: Client, traceId: string): Promise<boolean> {
  try {
    await client.call('getTrace', { params: { traceId } });
    return true;
  } catch (error) {
    if (error instanceof WheelhouseApiError && error.status === 404) return false;
    throw error;
  }
}

const ms = (from: number, to: number) => `${Math.max(1, Math.round(to - from))} ms`;

/** One real call to the simulated model: answered, and then to be seen as a trace. */
async function checkGateway(deps: DoctorDeps, client: Client): Promise<Check> {
  const startedAt = deps.nowMs();
  const answer = await ask(deps, '/v1/chat/completions', {
    model: 'sim/echo',
    messages: [{ role: 'user', content: probeText }],
    user: 'wheelhouse-doctor',
  });
  const answeredAt = deps.nowMs();
  if (answer.status !== 200 || answer.traceId === null)
    return bad('gateway', `A call to sim/echo failed: ${complaint(answer)}`, member(answer.text, 'error', 'hint'));
  while (deps.nowMs() - answeredAt < traceMs) {
    if (await isStored(client, answer.traceId))
      return good(
        'gateway',
        `sim/echo answered in ${ms(startedAt, answeredAt)}; ${ms(answeredAt, deps.nowMs())} later it was a trace, which stays: ${deps.baseUrl}/x/${answer.traceId}`,
      );
    await deps.wait(pollMs);
  }
  return bad(
    'gateway',
    `sim/echo answered in ${ms(startedAt, answeredAt)}, but after ${traceMs / 1000} s its trace cannot be read.`,
    'It waits for the database; what waits is under “spans”.',
  );
}

function checkProviders({ providers, openaiUrl }: ServerInfoBody): Check[] {
  const circle = providers.filter(({ baseUrl }) => baseUrl !== null && sameAddress(baseUrl, openaiUrl));
  const missing = providers.filter(({ key }) => key === 'missing');
  const ready = providers.filter((one) => !circle.includes(one) && !missing.includes(one));
  return [
    ...(ready.length === 0
      ? []
      : [good('providers', `Ready to be called: ${ready.map(({ name }) => `${name}/*`).join(', ')}.`)]),
    ...circle.map(({ name }) =>
      bad(
        'providers',
        `${name} leads back to this server, so its calls would go in a circle.`,
        'Start the server without OPENAI_BASE_URL; only apps take it.',
      ),
    ),
    ...missing
      .filter((one) => !circle.includes(one))
      .map(({ name, keyVariable }) =>
        warn(
          'providers',
          `${keyVariable ?? `The key of ${name}`} is not set, so ${name}/* cannot be called.`,
          'Set it where the server starts, then start it again.',
        ),
      ),
  ];
}

async function checkOtlp(deps: DoctorDeps): Promise<Check> {
  const answer = await ask(deps, '/v1/traces', { resourceSpans: [] });
  if (answer.status === 200)
    return good('otlp', `OTLP spans are taken at ${deps.baseUrl}/v1/traces, as protobuf or JSON.`);
  return bad('otlp', `The OTLP door refused an empty request: ${complaint(answer)}`, 'The server’s log says more.');
}

async function checkLedger(client: Client): Promise<Check[]> {
  try {
    return readLedger(await client.call('getLedger', {}));
  } catch (error) {
    if (!(error instanceof WheelhouseApiError)) throw error;
    return [bad('spans', `The ledger of received spans cannot be read: ${error.message}`, error.hint)];
  }
}

async function settled(name: string, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work();
  } catch (error) {
    const reason = reasonOf(error) || (error instanceof Error ? error.message : String(error));
    return bad(name, `No answer: ${reason}.`, 'Is the server overloaded or stopping? Its log says more.');
  }
}

/**
 * Looks at a server from the outside in, a check at a time, and stops where the rest cannot be asked. Leaves nothing
 * behind but, with `call`, one trace that says whose it is.
 * @returns what the server says of itself; null when it could not be asked
 */
export async function* examineServer(deps: DoctorDeps): AsyncGenerator<Check, ServerInfoBody | null> {
  const reached = await checkReached(deps);
  yield reached;
  if (reached.state === 'bad') return null;
  yield await settled('stores', () => checkStores(deps));
  const client = createClient({
    baseUrl: deps.baseUrl,
    fetch: deps.fetch,
    ...(deps.apiKey === null ? {} : { apiKey: deps.apiKey }),
  });
  let server: ServerInfoBody;
  try {
    server = await client.call('getServer', { signal: AbortSignal.timeout(answerMs) });
  } catch (error) {
    yield error instanceof WheelhouseApiError
      ? keyProblem(error, deps)
      : bad('key', `No answer: ${reasonOf(error)}.`, null);
    return null;
  }
  yield checkKey(server);
  if (deps.version !== null) yield checkVersion(server, deps.version);
  if (deps.call) yield await settled('gateway', () => checkGateway(deps, client));
  yield* checkProviders(server);
  yield await settled('otlp', () => checkOtlp(deps));
  yield* await checkLedger(client);
  return server;
}
