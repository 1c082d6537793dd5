import type { ErrorBody, RequestBody, RequestQuery, ResponseBody, RouteId } from '@wheelhouse/core/contract';
import { paths } from '@wheelhouse/core/contract/paths';

/** An error that the server answered with, or a connection that failed (`code` is then `unreachable`). */
export class WheelhouseApiError extends Error {
  override readonly name = 'WheelhouseApiError';
  /** The member of the request that is not right; null where it is none. */
  readonly param: string | null;
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    options?: { cause?: unknown; param?: string | null },
  ) {
    super(message, options);
    this.param = options?.param ?? null;
  }
}

export type ClientOptions = {
  /** Default: the origin that the code runs on, which suits a browser. */
  baseUrl?: string;
  /** Needed where the server is not on loopback. */
  apiKey?: string;
  /** Where to act, by id; default: the key's own project, or `default`. */
  project?: string;
  fetch?: typeof fetch;
};

type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;
type Paths = typeof paths;
type Present<Key extends string, Value> = undefined extends Value ? unknown : Record<Key, Value>;

/** Path parameters, query and body of a call, as far as the route has them. */
export type CallOptions<Id extends RouteId> = ([PathParams<Paths[Id]['path']>] extends [never]
  ? unknown
  : { params: Record<PathParams<Paths[Id]['path']>, string> }) &
  Present<'body', RequestBody<Id>> & { query?: RequestQuery<Id>; signal?: AbortSignal };

export type Client = {
  call<Id extends RouteId>(id: Id, options: CallOptions<Id>): Promise<ResponseBody<Id>>;
};

type RawOptions = {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
};

function urlOf(baseUrl: string, id: RouteId, options: RawOptions): string {
  const path = paths[id].path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(options.params?.[name] ?? ''),
  );
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options.query ?? {}))
    if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return `${baseUrl.replace(/\/$/, '')}${path}${text ? `?${text}` : ''}`;
}

export async function errorOf(response: Response): Promise<WheelhouseApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as ErrorBody;
    return new WheelhouseApiError(response.status, error.code, error.message, error.hint, {
      param: error.param,
    });
  } catch {
    return new WheelhouseApiError(
      response.status,
      'unexpected_answer',
      `HTTP ${response.status}: ${text.slice(0, 200)}`,
      'Is this a Wheelhouse server?',
    );
  }
}

export const unreachable = (baseUrl: string, cause: unknown): WheelhouseApiError =>
  new WheelhouseApiError(0, 'unreachable', `No answer from ${baseUrl || 'the server'}.`, 'Start it with npm start.', {
    cause,
  });

/** Typed calls of the API, one method: `client.call('getModel', { params: { name } })`. */
export function createClient(options: ClientOptions = {}): Client {
  const baseUrl = options.baseUrl ?? '';
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  return {
    async call(id, callOptions) {
      const raw = callOptions as RawOptions;
      const headers: Record<string, string> = { accept: 'application/json' };
      if (raw.body !== undefined) headers['content-type'] = 'application/json';
      if (options.apiKey) headers.authorization = `Bearer ${options.apiKey}`;
      if (options.project) headers['x-wheelhouse-project'] = options.project;
      const response = await send(urlOf(baseUrl, id, raw), {
        method: paths[id].method,
        headers,
        ...(raw.body === undefined ? {} : { body: JSON.stringify(raw.body) }),
        ...(raw.signal ? { signal: raw.signal } : {}),
      }).catch((cause: unknown) => {
        if (raw.signal?.aborted) throw cause;
        throw unreachable(baseUrl, cause);
      });
      if (!response.ok) throw await errorOf(response);
      return (await response.json()) as ResponseBody<typeof id>;
    },
  };
}
