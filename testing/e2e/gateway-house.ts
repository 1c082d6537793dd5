import type { ResponseBody } from '@wheelhouse/sdk';
import { type Call, startUpstream, type Upstream } from '../upstream/index.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilAllStored, untilStored } from './until-stored.ts';

/** The shapes of vendors, by the provider's name that models begin with. */
export const shapes = ['openai', 'anthropic', 'gemini', 'bedrock'] as const;
export type Shape = (typeof shapes)[number];

type Span = ResponseBody<'getSpan'>;

export type GatewayHouse = {
  house: Wheelhouse;
  upstream: Upstream;
  url: string;
  /** Its configuration file, to be changed while it runs. */
  configFile: string;
  /** The spans of a trace, once everything is stored that was recorded. */
  spansOf(traceId: string): Promise<Span[]>;
  /** Posts JSON, as a client that is no library. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
};

export type HouseParts = {
  /** More of the configuration file. */
  config?: Record<string, unknown>;
  /** Providers besides the four shapes, or instead of them. */
  providersAt?(url: string): Record<string, unknown>;
  env?: Record<string, string>;
  /** A vendor that several houses share, who do not close it; else each has one of its own. */
  upstream?: Upstream;
};

/** One provider a shape, all at the same vendor. */
function shapesAt(url: string): Record<string, unknown> {
  return {
    openai: { baseUrl: `${url}/v1`, apiKey: 'sk-openai' },
    anthropic: { baseUrl: `${url}/v1`, apiKey: 'sk-anthropic' },
    gemini: { baseUrl: `${url}/v1beta`, apiKey: 'sk-gemini' },
    bedrock: { baseUrl: url, apiKey: 'AKIDEXAMPLE:secret' },
  };
}

/** The server that people start, before a vendor that speaks every dialect. */
export async function startGatewayHouse(parts: HouseParts = {}): Promise<GatewayHouse> {
  const upstream = parts.upstream ?? (await startUpstream());
  const providers = { ...shapesAt(upstream.url), ...parts.providersAt?.(upstream.url) };
  const folder = await makeFolder({ ...parts.config, providers });
  const house = await startWheelhouse({ folder: folder.path, ...(parts.env ? { env: parts.env } : {}) });
  return {
    house,
    upstream,
    url: house.url,
    configFile: `${folder.path}/wheelhouse.config.json`,
    async spansOf(traceId) {
      await untilStored(house.client, traceId);
      // Its calls come another way than the run around them, and may come later.
      await untilAllStored(house.client);
      const { spans } = await house.client.call('getTrace', { params: { traceId } });
      return Promise.all(spans.map(({ spanId }) => house.client.call('getSpan', { params: { traceId, spanId } })));
    },
    post: (path, body, headers = {}) =>
      fetch(`${house.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async stop() {
      await house.stop();
      await folder.remove();
      if (parts.upstream === undefined) await upstream.close();
    },
  };
}

export const traceIdOf = (response: Response): string => response.headers.get('x-wheelhouse-trace-id') ?? '';

/** Whether a call carries what a tool answered, in whatever dialect it came. */
export const hasToolResult = ({ text }: Call): boolean =>
  /"tool_result"|"role":"tool"|functionResponse|"toolResult"|function_call_output/.test(text);

/** A model that uses the tool `weather`, and says what it heard. */
export const usesWeather = (call: Call) =>
  hasToolResult(call)
    ? { text: 'It is sunny in Zürich.' }
    : { toolCalls: [{ id: 'call_w1', name: 'weather', arguments: '{"city":"Z\\u00fcrich"}' }] };
