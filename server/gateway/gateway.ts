import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeploymentReader } from '@wheelhouse/core/ports';
import { type Actor, WheelhouseError } from '@wheelhouse/core/records';
import { type ChatCall, type ChatDeps, startChatCall } from './chat-call.ts';

export type GatewayDeps = ChatDeps & {
  models: DeploymentReader;
  /** Base models that can be named without asking a vendor, as `provider/model`. */
  baseModels: string[];
  /** Seconds since 1970, for the `created` of base models. */
  startedAt: number;
};

export type GatewayContext = { by: Actor; readBody(): Promise<Buffer> };

/** Response headers that belong to one connection, or that we set ourselves. */
const notPassedBack = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'date',
  'server',
  'set-cookie',
  'alt-svc',
  'strict-transport-security',
]);
const traceHeader = 'x-wheelhouse-trace-id';
const passedOn = ['openai-organization', 'openai-project', 'openai-beta', 'idempotency-key'];

const headerOf = (req: IncomingMessage, name: string): string | null => {
  const value = req.headers[name];
  return typeof value === 'string' ? value : null;
};

const errorFrame = (error: WheelhouseError) => `data: ${JSON.stringify(error.toBody())}\n\n`;

function sendJson(res: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
  });
  res.end(text);
}

/** Names and values in turn, the form that Node writes without another look. */
function passedBack(given: Record<string, string>, traceId: string): string[] {
  const headers = ['x-content-type-options', 'nosniff', traceHeader, traceId];
  for (const name in given) {
    const value = given[name];
    if (value !== undefined && !notPassedBack.has(name)) headers.push(name, value);
  }
  return headers;
}

/**
 * Gathers what comes within one turn of the event loop into one write: a burst of events costs one system call instead
 * of one each, and an answer that is complete by then goes out with its length.
 */
function createWriter(res: ServerResponse, onDrain: () => void) {
  let status = 200;
  let headers: string[] = [];
  let streamed = false;
  let held: Buffer[] = [];
  const take = (): Buffer => {
    const bytes = held.length === 1 && held[0] ? held[0] : Buffer.concat(held);
    held = [];
    return bytes;
  };
  const flush = () => {
    if (held.length === 0 || res.destroyed) return;
    if (!res.headersSent) res.writeHead(status, headers);
    if (!res.write(take())) res.once('drain', onDrain);
  };
  return {
    start(given: number, givenHeaders: Record<string, string>, traceId: string) {
      status = given;
      headers = passedBack(givenHeaders, traceId);
      streamed = (givenHeaders['content-type'] ?? '').includes('event-stream');
    },
    /** Whether the caller keeps up. */
    write(chunk: Buffer): boolean {
      if (chunk.length > 0 && held.push(chunk) === 1) process.nextTick(flush);
      return !res.writableNeedDrain;
    },
    end() {
      const rest = take();
      if (!res.headersSent) {
        headers.push('content-length', String(rest.length));
        res.writeHead(status, headers);
      }
      res.end(rest);
    },
    /** Ends a stream that has begun with an error event; false when nothing of it has been sent. */
    fail(error: WheelhouseError): boolean {
      flush();
      if (!res.headersSent || !streamed) return false;
      res.end(errorFrame(error));
      return true;
    },
  };
}

/** The OpenAI-compatible endpoints. */
export function createGateway(deps: GatewayDeps) {
  async function chatCompletions(req: IncomingMessage, res: ServerResponse, context: GatewayContext): Promise<void> {
    const text = (await context.readBody()).toString('utf8');
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    for (const name of passedOn) {
      const value = headerOf(req, name);
      if (value !== null) headers[name] = value;
    }
    await new Promise<void>((resolve, reject) => {
      let call: ChatCall | null = null;
      const writer = createWriter(res, () => call?.resume());
      res.once('close', () => {
        if (!res.writableFinished) call?.abort('The caller closed the connection.');
        resolve();
      });
      call = startChatCall(
        deps,
        {
          text,
          by: context.by,
          traceparent: headerOf(req, 'traceparent'),
          userAgent: headerOf(req, 'user-agent'),
          headers,
          run: null,
        },
        {
          ...writer,
          fail(error, span) {
            if (writer.fail(error)) return;
            if (!res.headersSent) res.setHeader(traceHeader, span().traceId);
            reject(error);
          },
        },
      );
    });
  }

  function modelList(): object[] {
    const base = deps.baseModels.map((id) => ({
      id,
      object: 'model',
      created: deps.startedAt,
      owned_by: id.split('/')[0],
    }));
    const registered = deps.models.all().flatMap((model) => {
      const created = Math.floor(Date.parse(model.createdAt) / 1000);
      const tags = [
        ...model.aliases.map((a) => a.alias),
        ...Array.from({ length: model.latest }, (_, i) => String(model.latest - i)),
      ];
      return tags.map((tag) => ({ id: `${model.name}@${tag}`, object: 'model', created, owned_by: 'wheelhouse' }));
    });
    return [...registered, ...base];
  }

  /** Serves `/v1/*`; errors are thrown as WheelhouseError and answered by whoever owns the server. */
  async function handle(
    req: IncomingMessage,
    res: ServerResponse,
    context: GatewayContext & { path: string },
  ): Promise<void> {
    const { path } = context;
    const only = (method: string) => {
      if (req.method !== method)
        throw new WheelhouseError('method_not_allowed', `${path} takes ${method}, not ${req.method}.`, {
          hint: `Send ${method}.`,
        });
    };
    if (path === '/v1/chat/completions') {
      only('POST');
      return chatCompletions(req, res, context);
    }
    if (path === '/v1/models') {
      only('GET');
      return sendJson(res, 200, { object: 'list', data: modelList() });
    }
    if (path.startsWith('/v1/models/')) {
      only('GET');
      const id = decodeURIComponent(path.slice('/v1/models/'.length));
      const found = modelList().find((m) => (m as { id: string }).id === id);
      if (!found) throw new WheelhouseError('model_not_found', `There is no model \`${id}\`.`, { param: 'model' });
      return sendJson(res, 200, found);
    }
    throw new WheelhouseError('not_found', `There is no ${path} here.`, {
      hint: 'This gateway serves POST /v1/chat/completions, GET /v1/models and POST /v1/traces.',
    });
  }

  return { handle };
}
