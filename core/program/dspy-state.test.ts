import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../records/index.ts';
import { chatAdapter } from './adapters/chat.ts';
import { jsonAdapter } from './adapters/json.ts';
import { xmlAdapter } from './adapters/xml.ts';
import { candidateHash, candidateOf, predictorsOf, tunedSignature, withCandidate } from './candidate.ts';
import { loadDspyState, readDspyState, writeDspyState } from './dspy-state.ts';
import { type AnyModule, compose } from './module.ts';
import { chainOfThought } from './modules/chain-of-thought.ts';
import { multiChainComparison } from './modules/multi-chain-comparison.ts';
import { predict } from './modules/predict.ts';

type Golden = {
  name: string;
  saved: JsonObject;
  inputs: Record<string, JsonObject>;
  messages: Record<string, { chat: JsonObject[]; json: JsonObject[]; xml: JsonObject[] }>;
};
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../testing/fixtures/dspy/${name}.json`, import.meta.url), 'utf8')) as Json;
const golden = fixture('golden') as unknown as Golden[];

/** The programs of the fixture, written here. */
const programs: Record<string, AnyModule> = {
  plain: predict('question -> answer'),
  typed: predict(
    "question, context: list[str], limit: int -> answer: Literal['yes', 'no'], n: int, sure: bool, share: float, tags: list[str], counts: dict[str, int], note: Optional[str]",
  ),
  'list-in-text': predict('passages -> answer'),
  nested: predict(
    'question -> rows: list[dict[str, float]], more: Optional[list[int]], open: list, names: dict[str, Any]',
  ),
  reasoned: chainOfThought('question -> answer: float'),
  compared: multiChainComparison('question -> answer'),
  hops: compose(
    {
      query: chainOfThought('context: list[str], question -> query'),
      answer: predict('context: list[str], question -> answer'),
    },
    async () => null,
  ),
};

function loaded({ name, saved }: Pick<Golden, 'name' | 'saved'>): AnyModule {
  const program = programs[name];
  if (program === undefined) throw new Error(name);
  return loadDspyState(program, saved);
}

const messagesOf = (program: AnyModule, { inputs }: Golden) =>
  Object.fromEntries(
    [...predictorsOf(program)].map(([path, of]) => {
      const tunables = candidateOf(program)[path] ?? {};
      const name = path === '' ? 'self' : path;
      const { demos = [] } = tunables;
      const task = { signature: tunedSignature(of, tunables), demos, input: inputs[name] ?? {} };
      return [name, { chat: chatAdapter.format(task), json: jsonAdapter.format(task), xml: xmlAdapter.format(task) }];
    }),
  );

describe('a program that DSPy saved', () => {
  it.each(golden)('makes the same messages here: $name', (one) => {
    expect(messagesOf(loaded(one), one)).toEqual(one.messages);
  });

  it.each(golden)('is written as it was read: $name', (one) => {
    const written = JSON.parse(writeDspyState(loaded(one))) as JsonObject;
    expect({ ...written, metadata: null }).toEqual({ ...one.saved, metadata: null });
    expect(candidateHash(candidateOf(loaded({ ...one, saved: written })))).toBe(
      candidateHash(candidateOf(loaded(one))),
    );
  });

  it('is written in a form that DSPy loads: testing/fixtures/dspy/make.py does', async () => {
    const written = golden.map((one) => {
      const program = loaded(one);
      const [path = ''] = predictorsOf(program).keys();
      const asked = { model: 'openai/gpt-4o-mini', parameters: { temperature: 0.3, max_tokens: 200 } };
      return { name: one.name, file: writeDspyState(withCandidate(program, { [path]: asked })) };
    });
    const file = '../../testing/fixtures/dspy/written.json';
    await expect(`${JSON.stringify(written, null, 1)}\n`).toMatchFileSnapshot(file);
  });

  it('brings its model and how it is asked, but no endpoint and no key', () => {
    const [plain] = golden;
    const lm = { model: 'openai/gpt-4o', temperature: 0.5, api_base: 'http://evil', api_key: 'k', cache: true };
    const program = programs.plain as AnyModule;
    const candidate = readDspyState(program, { ...(plain?.saved ?? {}), lm } as JsonObject);
    expect(candidate['']).toMatchObject({ model: 'openai/gpt-4o', parameters: { temperature: 0.5 } });
    expect(JSON.stringify(candidate)).not.toMatch(/evil|"k"/);
  });

  it.each([
    [{}, 'has no signature'],
    [[], 'it is no object'],
    [{ signature: { instructions: '', fields: [] }, demos: [] }, 'has 0 fields, where the program has 2'],
  ])('is refused where it is none, or of another program: %j', (saved, problem) => {
    expect(() => loadDspyState(programs.plain as AnyModule, saved as Json)).toThrow(problem);
  });
});
