import { describe, expect, it } from 'vitest';
import { serveModel } from '../serve/index.ts';
import {
  chainOfThought,
  compose,
  predict,
  programOfThought,
  programWorld,
  runProgram,
  servedProgram,
} from './index.ts';

type Sent = { url: string; headers: Record<string, string>; body: Record<string, unknown> };

/** A server that answers so. */
function answering(status: number, body: object) {
  const sent: Sent[] = [];
  const answer: typeof fetch = async (url, init) => {
    sent.push({
      url: String(url),
      headers: init?.headers as Record<string, string>,
      body: JSON.parse(String(init?.body)) as Record<string, unknown>,
    });
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  };
  return { sent, options: { baseUrl: 'http://host', apiKey: 'k', project: 'p', model: 'a/b', fetch: answer } };
}
const taken = { model: null, traceId: '1'.repeat(32), latencyMs: 2, costNanoUsd: '5', usage: null };
const good = { output: '', text: '[[ ## reasoning ## ]]\nr\n[[ ## answer ## ]]\nfine', ...taken };

describe('a program over a server', () => {
  const program = chainOfThought('question -> answer');

  it('asks by the name of its model, with the key, and keeps what each call took', async () => {
    const { sent, options } = answering(200, good);
    const done = await runProgram(program, { question: 'q' }, programWorld(options));
    expect(done).toMatchObject({ ok: true, output: { answer: 'fine' }, costNanoUsd: 5n });
    expect(done.calls[0]?.asks).toMatchObject([{ traceId: taken.traceId, latencyNs: 2_000_000n, model: 'a/b' }]);
    expect(sent[0]?.url).toContain('http://host/');
    expect(sent[0]?.headers).toMatchObject({ authorization: 'Bearer k', 'x-wheelhouse-project': 'p' });
    expect(sent[0]?.body.messages).toHaveLength(2);
  });

  it('fails with the code that the server refused it with', async () => {
    const error = {
      code: 'budget_exceeded',
      message: 'Spent.',
      hint: 'Wait.',
      type: 'insufficient_quota',
      param: null,
    };
    const { sent, options } = answering(429, { error });
    const done = await runProgram(program, { question: 'q' }, programWorld(options));
    expect(done).toMatchObject({ ok: false, error: { code: 'budget_exceeded', message: 'Spent.' } });
    expect(sent).toHaveLength(1);
  });
});

describe('code that a model wrote', () => {
  const thinks = programOfThought('a: int -> twice: int');
  const says = (status: number, body: object) => {
    const sent: object[] = [];
    const answer: typeof fetch = async (url, init) => {
      const asked = JSON.parse(String(init?.body));
      const isCode = new URL(String(url)).pathname === '/api/v1/code';
      if (isCode) sent.push(asked);
      const fields = { reasoning: 'r', generated_code: '```js\nexport const main = () => 42;\n```', twice: 42 };
      const text = Object.entries(fields).map(([name, value]) => `[[ ## ${name} ## ]]\n${value}`);
      const given = isCode ? body : { ...good, text: text.join('\n') };
      return new Response(JSON.stringify(given), {
        ...{ status: isCode ? status : 200, headers: { 'content-type': 'application/json' } },
      });
    };
    return { sent, world: programWorld({ baseUrl: 'http://host', model: 'a/b', fetch: answer }) };
  };
  const refusal = (code: string) => ({ error: { code, message: 'No.', hint: 'h', type: 'x', param: null } });

  it('runs in the sandbox of the server', async () => {
    const { sent, world } = says(200, { output: 42 });
    expect(await runProgram(thinks, { a: 21 }, world)).toMatchObject({ ok: true, output: { twice: 42 } });
    expect(sent).toEqual([{ code: 'export const main = () => 42;', input: { a: 21 } }]);
  });

  it('goes back to the model where it failed, and not where it was not run', async () => {
    const failed = says(422, refusal('code_failed'));
    const done = await runProgram(thinks, { a: 21 }, failed.world);
    expect([done.ok ? '' : done.error.code, failed.sent.length]).toEqual(['code_failed', 3]);
    const away = says(403, refusal('forbidden'));
    const none = await runProgram(thinks, { a: 21 }, away.world);
    expect([none.ok ? '' : none.error.code, away.sent.length]).toEqual(['forbidden', 1]);
  });
});

describe('a program that is served', () => {
  const ask = (served: ReturnType<typeof servedProgram>) =>
    serveModel(served.predict, { token: 't' })(
      new Request('http://here/1', {
        method: 'POST',
        headers: { authorization: 'Bearer t', traceparent: '00-a-b-01' },
        body: JSON.stringify({ input: { question: 'q' } }),
      }),
    );

  it('is a model with a signature, and what it asks stands below the call', async () => {
    const { sent, options } = answering(200, good);
    const program = compose({ think: chainOfThought('question -> answer') }, (input: { question: string }, { think }) =>
      think(input),
    );
    const served = servedProgram(program, { ...options, signature: 'question -> answer' });
    expect(served.signature).toMatchObject({ input: { required: ['question'] }, output: { required: ['answer'] } });
    expect(await (await ask(served)).json()).toEqual({ output: { reasoning: 'r', answer: 'fine' } });
    expect(sent[0]?.headers.traceparent).toBe('00-a-b-01');
    expect(servedProgram(predict('a -> b'), options).signature?.output?.required).toEqual(['b']);
  });

  it('says why it failed', async () => {
    const { options } = answering(200, { ...good, text: 'garbage' });
    const response = await ask(servedProgram(predict('question -> answer'), options));
    expect(JSON.stringify(await response.json())).toContain('answer_unreadable');
  });
});
