import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropicMessages } from './anthropic-messages.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { type Behaviour, behaviourOf } from './behaviour.ts';
import type { Asked, Speech } from './dialect.ts';
import { gemini } from './gemini.ts';
import { openAiChat, openAiCompletions } from './openai-chat.ts';
import { openAiResponses } from './openai-responses.ts';
import { sendAnswer } from './send-answer.ts';

/** One request that reached the vendor. */
export type Call = {
  /** From 1. */
  number: number;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The body's own bytes as text. */
  text: string;
  body: Asked;
  /** Without the behaviour that its name asks for. */
  model: string;
  /** However the dialect carries it. */
  key: string | null;
  /** `left`: the other side closed the connection before the answer was whole; `broken`: this side did. */
  state: 'open' | 'answered' | 'left' | 'broken';
  startedMs: number;
  /** When the state changed; null while it is open. */
  endedMs: number | null;
  /** Bytes of the answer that were written so far. */
  sent: number;
};

type Script = Behaviour | ((call: Call) => Behaviour);

export type Upstream = {
  /** Without a slash at the end; any path before the dialect's own is fine. */
  url: string;
  calls: Call[];
  /** How the calls of a model are answered, one after the other; the last stays. Instead of what its name says. */
  on(model: string, ...scripts: Script[]): void;
  /** Calls of a model are answered in this way once what comes back is called. */
  holdBack(model: string, behaviour: Behaviour): () => void;
  /** Calls of a model. */
  of(model: string): Call[];
  /** Resolves once the condition holds; it is looked at whenever something happens here. */
  until(condition: () => boolean): Promise<void>;
  /** Connections that stand now. */
  connections(): Promise<number>;
  forget(): void;
  close(): Promise<void>;
};

const speeches: [RegExp, Speech][] = [
  [/\/chat\/completions$/, openAiChat],
  [/\/completions$/, openAiCompletions],
  [/\/responses$/, openAiResponses],
  [/\/messages$/, anthropicMessages],
  [/:(?:streamG|g)enerateContent$/, gemini],
  [/\/converse(?:-stream)?$/, bedrockConverse],
];

/** Gemini and Bedrock name the model in the path. */
function modelOf(path: string, body: Asked): string {
  const named = /\/models?\/([^/:]+)(?::\w+|\/(?:converse|invoke)[\w-]*)$/.exec(path)?.[1];
  return body.model ?? decodeURIComponent(named ?? '');
}

function keyOf(headers: IncomingHttpHeaders, query: URLSearchParams): string | null {
  const signed = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const named = ['x-api-key', 'x-goog-api-key', 'api-key'].map((name) => headers[name]).find((value) => value);
  return signed ?? bearer ?? (named === undefined ? query.get('key') : String(named));
}

function bodyOf(text: string): Asked {
  try {
    return JSON.parse(text) as Asked;
  } catch {
    return {};
  }
}

async function readText(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * A vendor over real sockets that speaks OpenAI's, Anthropic's, Google's and Bedrock's dialects, and fails in the ways
 * that a script or a model's name says ({@link Behaviour}). It keeps every call, and how its connection ended.
 */
export async function startUpstream(): Promise<Upstream> {
  const calls: Call[] = [];
  const scripts = new Map<string, Script[]>();
  const waiting = new Set<{ condition: () => boolean; resolve: () => void }>();
  let count = 0;

  function look(): void {
    for (const one of waiting)
      if (one.condition()) {
        waiting.delete(one);
        one.resolve();
      }
  }

  function behaviourFor(call: Call, name: string): Behaviour {
    const left = scripts.get(call.model);
    const script = left && left.length > 1 ? left.shift() : left?.[0];
    if (script === undefined) return behaviourOf(name);
    return typeof script === 'function' ? script(call) : script;
  }

  function end(call: Call, state: Call['state']): void {
    if (call.state !== 'open') return;
    call.state = state;
    call.endedMs = performance.now();
    look();
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://upstream');
    const text = await readText(req);
    const body = bodyOf(text);
    const name = modelOf(url.pathname, body);
    const call: Call = {
      number: ++count,
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers,
      text,
      body,
      model: name.split('~')[0] ?? '',
      key: keyOf(req.headers, url.searchParams),
      state: 'open',
      startedMs: performance.now(),
      endedMs: null,
      sent: 0,
    };
    calls.push(call);
    res.on('finish', () => end(call, 'answered'));
    res.on('close', () => end(call, 'left'));
    const behaviour = behaviourFor(call, name);
    look();
    const speech = speeches.find(([path]) => path.test(url.pathname))?.[1] ?? null;
    const stream = body.stream === true || /:streamG|converse-stream/.test(url.pathname);
    await sendAnswer({ call, res, speech, behaviour, path: url.pathname, stream, broke: () => end(call, 'broken') });
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    answer(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    on: (model, ...given) => void scripts.set(model, given),
    holdBack(model, behaviour) {
      let answer = () => {};
      const after = new Promise<void>((resolve) => {
        answer = resolve;
      });
      scripts.set(model, [{ ...behaviour, after }]);
      return answer;
    },
    of: (model) => calls.filter((call) => call.model === model),
    until: (condition) =>
      new Promise((resolve) => {
        waiting.add({ condition, resolve });
        look();
      }),
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, standing) => (error ? reject(error) : resolve(standing))),
      ),
    forget() {
      calls.length = 0;
      scripts.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
