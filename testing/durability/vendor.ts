import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type ChatBody = { model: string; stream?: boolean; messages: { content: string }[] };

export type VendorCall = {
  /** The first part of the path: one vendor serves several servers, and keeps their calls apart. */
  tenant: string;
  model: string;
  question: string;
  /** As it came. */
  text: string;
};

export type Vendor = {
  baseUrl(tenant: string): string;
  /** Every call since the last {@link forget}. */
  calls: VendorCall[];
  forget(): void;
  onCall(listener: (call: VendorCall) => void): void;
  close(): Promise<void>;
};

/** What each call of the vendor counts. */
const vendorUsage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };

export const question = (n: number): string => `question ${n}`;
export const rightAnswer = (n: number): string => `answer ${n}`;

/** Two models that know different things, always the same; anything that is no question is echoed. */
function answerOf(model: string, text: string): string {
  const n = /^question (\d+)$/.exec(text)?.[1];
  if (n === undefined) return text;
  const knows = model === 'gpt-4o' ? Number(n) % 3 !== 0 : Number(n) % 2 === 0;
  return knows ? rightAnswer(Number(n)) : 'I do not know';
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function sendAnswer(res: ServerResponse, { model, stream }: ChatBody, { id, answer }: { id: string; answer: string }) {
  const frame = { id, created: 1_800_000_000, model: `${model}-2024-07-18` };
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }];
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ ...frame, object: 'chat.completion', choices, usage: vendorUsage }));
    return;
  }
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...frame, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  res.write(chunk({ role: 'assistant', content: answer }, null));
  res.write(chunk({}, 'stop'));
  res.end(`data: ${JSON.stringify({ ...frame, choices: [], usage: vendorUsage })}\n\ndata: [DONE]\n\n`);
}

/**
 * An OpenAI-compatible vendor in this process. An answer to a question ends with as many spaces as the same question was
 * asked of the same model before, which no scorer sees: so a stored answer tells which call it came from.
 * @param latencyMs how long it thinks
 */
export async function startVendor(latencyMs: number): Promise<Vendor> {
  const calls: VendorCall[] = [];
  let answers = 0;
  const listeners: ((call: VendorCall) => void)[] = [];

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = await readText(req);
    const body = JSON.parse(text) as ChatBody;
    const call = {
      tenant: req.url?.split('/')[1] ?? '',
      model: body.model,
      question: body.messages.at(-1)?.content ?? '',
      text,
    };
    const before = calls.filter((one) => sameQuestion(one, call)).length;
    calls.push(call);
    for (const listener of listeners) listener(call);
    const answer = answerOf(call.model, call.question);
    const spaces = call.question === answer ? '' : ' '.repeat(before);
    answers += 1;
    const id = `chatcmpl-vendor-${answers}`;
    setTimeout(() => sendAnswer(res, body, { id, answer: answer + spaces }), latencyMs);
  }

  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: (tenant) => `http://127.0.0.1:${port}/${tenant}/v1`,
    calls,
    forget: () => void calls.splice(0),
    onCall: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const sameQuestion = (a: Omit<VendorCall, 'text'>, b: Omit<VendorCall, 'text'>): boolean =>
  a.tenant === b.tenant && a.model === b.model && a.question === b.question;
