import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * A model file behind OpenAI's chat API, on a free port of this machine. Started with the address of the runtime
 * (node-llama-cpp), the model file and the file in which answers are kept: the model answers greedily, so the same question
 * has the same answer, and is not asked twice, by whichever client, in this run or the next.
 *
 * The model was never taught to chat. It sees one text: what each turn says, below a line that says whose it is; its answer
 * ends where it would go on with another's turn, at what the client says ends it, or at `max_tokens`.
 */
const [runtime = '', modelPath = '', keptIn = '', lanes = '4'] = process.argv.slice(2);
const { getLlama, LlamaLogLevel } = await import(runtime);

const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: LlamaLogLevel.error });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  ...{ sequences: Number(lanes), contextSize: 2048, batchSize: 512, threads: 1 },
  // What questions have in common stays readable in whole.
  swaFullCache: true,
});
const free = Array.from({ length: Number(lanes) }, () => context.getSequence());
const waiting = [];

const kept = new Map();
if (existsSync(keptIn))
  for (const line of readFileSync(keptIn, 'utf8').split('\n').filter(Boolean)) {
    try {
      const entry = JSON.parse(line);
      kept.set(entry.key, entry);
    } catch {
      // The last line of a run that was killed.
    }
  }

const contentOf = ({ content }) =>
  typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('');
/** What all turns say, and nothing that tells whose they are: the text that the model goes on with. */
const promptOf = (messages) => [model.tokens.bos, ...model.tokenize(messages.map(contentOf).join('\n\n'))];

const sharedLength = (a, b) => {
  const at = a.findIndex((token, i) => token !== b[i]);
  return at < 0 ? a.length : at;
};

/** The free lane that has seen most of the prompt. */
async function takeLane(prompt) {
  if (free.length === 0) await new Promise((resolve) => waiting.push(resolve));
  const ranked = free.map((lane, i) => ({ i, seen: sharedLength(prompt, lane.contextTokens) }));
  const { i } = ranked.reduce((best, one) => (one.seen > best.seen ? one : best));
  return free.splice(i, 1)[0];
}

function giveBack(lane) {
  free.push(lane);
  waiting.shift()?.();
}

/** Where the text is to end; null: nowhere yet. */
function endIn(text, stops) {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : null;
}

async function generate(prompt, { maxTokens, stops, onText }) {
  const lane = await takeLane(prompt);
  try {
    await lane.adaptStateToTokens(prompt.slice(0, -1));
    const given = prompt.slice(lane.nextTokenIndex);
    const made = [];
    let text = '';
    let sent = 0;
    let reason = 'length';
    // What may turn out to begin an end is not told yet.
    const longest = Math.max(0, ...stops.map((stop) => stop.length));
    const tell = (upTo) => {
      if (upTo > sent) onText?.(text.slice(sent, upTo));
      sent = Math.max(sent, upTo);
    };
    for await (const token of lane.evaluate(given, { temperature: 0 })) {
      made.push(token);
      text = model.detokenize(made);
      const end = endIn(text, stops);
      if (end !== null) {
        text = text.slice(0, end);
        reason = 'stop';
        break;
      }
      tell(text.length - longest);
      if (made.length >= maxTokens) break;
    }
    if (made.length < maxTokens) reason = 'stop';
    tell(text.length);
    return { text, reason, prompt: prompt.length, fresh: given.length, made: made.length };
  } finally {
    giveBack(lane);
  }
}

const totals = { asked: 0, answered: 0, prompt: 0, fresh: 0, made: 0 };

async function answer(body, onText) {
  const stops = [body.stop ?? []].flat();
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? 256;
  const prompt = promptOf(body.messages);
  if (prompt.length + maxTokens > 2048)
    throw Object.assign(new Error('The prompt is too long for the context window of 2048 tokens.'), {
      code: 'context_length_exceeded',
    });
  totals.asked++;
  const key = createHash('sha256')
    .update(JSON.stringify([prompt, maxTokens, stops]))
    .digest('hex')
    .slice(0, 32);
  const known = kept.get(key);
  if (known) {
    onText?.(known.text);
    return known;
  }
  const entry = { key, ...(await generate(prompt, { maxTokens, stops, onText })) };
  totals.answered++;
  for (const count of ['prompt', 'fresh', 'made']) totals[count] += entry[count];
  kept.set(key, entry);
  appendFileSync(keptIn, `${JSON.stringify(entry)}\n`);
  return entry;
}

const usageOf = ({ prompt, made }) => ({
  ...{ prompt_tokens: prompt, completion_tokens: made, total_tokens: prompt + made },
});

async function chat(body, response) {
  const head = { id: 'chatcmpl-local', created: Math.floor(Date.now() / 1000), model: body.model };
  if (!body.stream) {
    const entry = await answer(body);
    response.setHeader('content-type', 'application/json');
    const message = { role: 'assistant', content: entry.text };
    const choices = [{ index: 0, message, finish_reason: entry.reason, logprobs: null }];
    response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage: usageOf(entry) }));
    return;
  }
  const send = (delta, finish_reason = null, more = {}) => {
    if (!response.headersSent) response.setHeader('content-type', 'text/event-stream');
    const choices = [{ index: 0, delta, finish_reason }];
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  };
  const entry = await answer(body, (content) => send({ role: 'assistant', content }));
  send({}, entry.reason, { usage: usageOf(entry) });
  response.end('data: [DONE]\n\n');
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const server = createServer(async (request, response) => {
  try {
    if (request.url === '/totals') response.end(JSON.stringify(totals));
    else if (request.url === '/v1/models') response.end(JSON.stringify({ object: 'list', data: [{ id: 'gemma' }] }));
    else await chat(await bodyOf(request), response);
  } catch (error) {
    if (!response.headersSent) response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        error: { message: String(error?.message), type: 'invalid_request_error', code: error?.code ?? null },
      }),
    );
  }
});
server.listen(0, '127.0.0.1', () => process.send?.({ type: 'ready', port: server.address().port }));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
