import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../records/index.ts';
import { chatAdapter } from './adapters/chat.ts';
import { candidateOf, withCandidate } from './candidate.ts';
import type { AnyModule } from './module.ts';
import { bestOf } from './modules/best-of.ts';
import { compareChains } from './modules/compare-chains.ts';
import { ensemble } from './modules/ensemble.ts';
import { predict } from './modules/predict.ts';
import { programOfThought } from './modules/program-of-thought.ts';
import { react } from './modules/react.ts';
import { refine } from './modules/refine.ts';
import { multiHop, type RetrieveFrom } from './modules/retrieve.ts';
import { selfConsistency } from './modules/self-consistency.ts';
import { treeOfThoughts } from './modules/tree-of-thoughts.ts';
import { modelsOfData, type ProgramData, programOfData, signatureOfData } from './program-data.ts';
import { runProgram } from './run-program.ts';
import { schemasOf } from './signature.ts';

const look: ProgramData = { module: 'predict', signature: 'question -> query, count: int' };
const graph = (given: object = {}): ProgramData =>
  ({
    module: 'graph',
    signature: 'question -> answer, looked: str',
    nodes: [
      { id: 'look', program: look, input: { question: 'question' } },
      {
        id: 'read',
        program: { module: 'chain-of-thought', signature: 'question, query -> answer' },
        input: { question: 'question', query: 'look.query' },
      },
    ],
    output: { answer: 'read.answer', looked: 'look.query' },
    ...given,
  }) as ProgramData;

/** The same module, written in code. */
function moduleInCode(data: ProgramData): AnyModule {
  const of = 'signature' in data ? (data.signature as string) : '';
  const part = 'program' in data ? (programOfData(data.program) as AnyModule) : predict('question -> label');
  switch (data.module) {
    case 'ensemble':
      return ensemble(
        data.programs.map((one) => programOfData(one)),
        { field: 'label' },
      );
    case 'compare-chains':
      return compareChains(of as never, { count: 2 });
    case 'best-of':
    case 'refine': {
      const { count, threshold, reward: said } = data;
      const reward = 'code' in said ? said : (programOfData(said.program) as AnyModule);
      const options = { count, threshold, reward };
      return data.module === 'refine' ? refine(part, { ...options, describe: data.describe }) : bestOf(part, options);
    }
    case 'tree-of-thoughts':
      return treeOfThoughts(of as never, { strategy: 'beam', depth: 2 });
    case 'program-of-thought':
      return programOfThought(of as never);
    case 'multi-hop':
      return multiHop(of as never, { hops: 2, k: 1, from: data.from });
    case 'react':
      return react(of as never, { tools: data.tools });
    default:
      return selfConsistency(part, { samples: 3 });
  }
}

describe('a program as data', () => {
  it('runs as the same program in code does, and is tuned by the same paths', async () => {
    const world = fakeProgramWorld(({ index }) =>
      inSections(index === 0 ? { query: 'words', count: 2 } : { reasoning: 'r', answer: 'fine' }),
    );
    const program = withCandidate(programOfData(graph()), { 'read.predict': { instructions: 'Read.' } });
    const done = await runProgram(program, { question: 'q' }, world);
    expect(done).toMatchObject({ ok: true, output: { answer: 'fine', looked: 'words' } });
    expect(Object.keys(candidateOf(program))).toEqual(['look', 'read.predict']);
    expect(world.asked[1]?.text).toContain('[[ ## query ## ]]\nwords');
    expect(world.asked[1]?.messages[0]?.content).toContain('Read.');
  });

  it('says its fields as lists, so that their order stays wherever it is stored', () => {
    const data: ProgramData = {
      module: 'predict',
      signature: {
        instructions: 'Sort.',
        inputs: [
          { name: 'zeta', description: 'last' },
          { name: 'a', type: 'list[str]' },
        ],
        outputs: [{ name: 'm', schema: { enum: ['x', 'y'] } }],
      },
    };
    const { inputs } = signatureOfData(data);
    expect(inputs.map(({ name }) => name)).toEqual(['zeta', 'a']);
    expect(schemasOf(signatureOfData(data)).output).toMatchObject({ required: ['m'] });
    const [system] = chatAdapter.format({ signature: signatureOfData(data), demos: [], input: {} });
    expect(system?.content).toContain('1. `zeta` (str): last\n2. `a` (list[str]):');
    expect(system?.content).toContain("1. `m` (Literal['x', 'y']):");
  });

  const label = "question -> label: Literal['a', 'b']";
  const plain: ProgramData = { module: 'predict', signature: label };
  const judge: ProgramData = { module: 'predict', signature: 'question, label -> score: float' };
  const search = { name: 'search', description: 'Finds.', parameters: { type: 'object' } } as const;
  const modules: ProgramData[] = [
    { module: 'self-consistency', program: plain, samples: 3 },
    { module: 'ensemble', programs: [plain, plain], field: 'label' },
    { module: 'compare-chains', signature: label, count: 2 },
    { module: 'best-of', program: plain, count: 2, threshold: 1, reward: { program: judge } },
    {
      module: 'refine',
      program: plain,
      count: 2,
      threshold: 1,
      reward: { code: 'export const main = () => 1' },
      describe: 'x',
    },
    { module: 'tree-of-thoughts', signature: label, strategy: 'beam', depth: 2 },
    { module: 'program-of-thought', signature: label },
    { module: 'multi-hop', signature: label, hops: 2, k: 1, from: { code: 'x' } },
    {
      module: 'react',
      signature: label,
      tools: [
        { ...search, model: 'finder' },
        { ...search, name: 'run', code: 'x' },
      ],
    },
  ];

  it.each(modules)('is $module, gives what its signature says, and is the same as data again', async (data) => {
    const values = {
      ...{ reasoning: 'r', rationale: 'r', label: 'a', score: 0.5, next_thoughts: ['t'], judgement: 'sure' },
      ...{ query: 'w', next_thought: 't', next_tool_name: 'finish', next_tool_args: {}, generated_code: 'c' },
    };
    // What is no field of the question is left out.
    const world = fakeProgramWorld(
      ({ text }) =>
        inSections(
          Object.fromEntries(Object.entries(values).filter(([name]) => text.includes(`[[ ## ${name} ## ]]\``))),
        ),
      { sandbox: { run: async (code) => (code === 'x' ? ['a passage'] : 1) } },
    );
    const program = programOfData(data);
    const done = await runProgram(program, { question: 'q' }, world);
    expect(done.ok && Object.keys(done.output)).toEqual(signatureOfData(data).outputs.map(({ name }) => name));
    expect(done).toMatchObject({ ok: true, output: { label: 'a' } });
    const made = moduleInCode(data);
    expect(Object.keys(candidateOf(made))).toEqual(Object.keys(candidateOf(program)));
    expect(signatureOfData(made.data as unknown as ProgramData)).toEqual(signatureOfData(data));
  });

  it('judges tries by a program, which shows nothing of how they came about, or by code in the sandbox', async () => {
    const scores = ['0.2', '0.9', '0.4'];
    const world = fakeProgramWorld(({ messages, index }) =>
      messages[0]?.content.includes('`score`')
        ? inSections({ score: scores[(index - 1) / 2] })
        : inSections({ label: index === 2 ? 'b' : 'a' }),
    );
    const tries = { module: 'best-of', program: plain, count: 3, threshold: 0.95 } as const;
    const judged = programOfData({ ...tries, reward: { program: judge } });
    const done = await runProgram(judged, { question: 'q' }, world);
    expect(done).toMatchObject({ ok: true, output: { label: 'b' } });
    expect(world.asked[1]?.text).toContain('[[ ## label ## ]]\na');
    expect(done.calls.filter(({ kept }) => kept).map(({ path }) => path)).toEqual(['program']);
    expect(Object.keys(candidateOf(judged))).toEqual(['', 'program', 'judge']);

    const given: unknown[] = [];
    const run = async (code: string, input: unknown) => given.push([code, input]);
    const coded = programOfData({ ...tries, threshold: 2, reward: { code: 'js' } });
    await runProgram(
      coded,
      { question: 'q' },
      fakeProgramWorld(() => inSections({ label: 'a' }), { sandbox: { run } }),
    );
    expect(given).toEqual(Array(2).fill(['js', { input: { question: 'q' }, output: { label: 'a' } }]));
    expect(
      await runProgram(
        coded,
        { question: 'q' },
        fakeProgramWorld(() => inSections({ label: 'a' })),
      ),
    ).toMatchObject({
      ok: false,
      error: { param: 'sandbox' },
    });
  });

  it('finds passages by another model or by code, and answers from them', async () => {
    const rag = (from: RetrieveFrom): ProgramData => ({
      module: 'graph',
      signature: 'question -> answer',
      nodes: [
        { id: 'find', program: { module: 'retrieve', k: 2, from }, input: { query: 'question' } },
        {
          id: 'read',
          program: { module: 'predict', signature: 'passages: list[str], question -> answer' },
          input: { passages: 'find.passages', question: 'question' },
        },
      ],
      output: { answer: 'read.answer' },
    });
    const finds = (text: string) =>
      fakeProgramWorld(({ model }) => (model === 'finder@production' ? text : inSections({ answer: 'fine' })));
    for (const text of ['["one", "two", "three"]', '{"passages": [{"text": "one", "score": 2}, {"text": "two"}]}']) {
      const world = finds(text);
      const done = await runProgram(programOfData(rag({ model: 'finder@production' })), { question: 'q' }, world);
      expect(done).toMatchObject({ ok: true, output: { answer: 'fine' } });
      expect(world.asked[1]?.text).toContain('["one", "two"]');
    }
    const bad = await runProgram(programOfData(rag({ model: 'finder@production' })), { question: 'q' }, finds('{}'));
    expect(bad).toMatchObject({ ok: false, error: { code: 'answer_unreadable' } });
    expect(modelsOfData(rag({ model: 'finder@production' }))).toEqual(['finder@production']);
    const run = async (_: string, input: unknown) => [(input as { query: string }).query];
    const several: ProgramData = { module: 'retrieve-ensemble', k: 5, from: { code: 'x' } };
    const fused = await runProgram(
      programOfData(several),
      { queries: ['a', 'b', 'a'] },
      { ...finds(''), sandbox: { run } },
    );
    expect(fused).toMatchObject({ ok: true, output: { passages: ['a', 'b'] } });
  });

  it('uses models and code as tools', async () => {
    const act = (tool: string, args: object) =>
      inSections({ query: 'w', next_thought: 't', next_tool_name: tool, next_tool_args: args });
    const script = [act('search', { words: 'x' }), 'found it', act('run', { n: 2 }), act('finish', {})];
    const world = fakeProgramWorld(({ index }) => script[index] ?? inSections({ reasoning: 'r', label: 'b' }), {
      sandbox: { run: async (code, input) => ({ code, input }) },
    });
    const done = await runProgram(programOfData(modules.at(-1) as ProgramData), { question: 'q' }, world);
    expect(done.ok && (done.output.trajectory as JsonObject[]).map(({ observation }) => observation)).toEqual([
      'found it',
      '{"code":"x","input":{"n":2}}',
      'Completed.',
    ]);
    expect(world.asked[1]).toMatchObject({ model: 'finder', messages: [] });
    expect(modelsOfData({ module: 'self-consistency', program: modules.at(-1) as ProgramData })).toEqual(['finder']);
  });

  it.each<[string, ProgramData]>([
    ['has other fields', { module: 'ensemble', programs: [plain, { module: 'chain-of-thought', signature: label }] }],
    ['has no program', { module: 'ensemble', programs: [] }],
    [
      'The judge takes `answer`',
      { ...modules[3], reward: { program: { module: 'predict', signature: 'answer -> score: float' } } } as ProgramData,
    ],
    ['is no number', { ...modules[3], reward: { program: plain } } as ProgramData],
    [
      'Two tools have one name',
      { module: 'react', signature: label, tools: [1, 2].map(() => ({ ...search, code: 'x' })) },
    ],
    [
      'neither an input nor an output of a node before it',
      graph({ output: { answer: 'read.nothing', looked: 'question' } }),
    ],
    ['Nothing says where the output `looked`', graph({ output: { answer: 'read.answer' } })],
    ['is not given `question`', graph({ nodes: [{ id: 'look', program: look, input: {} }] })],
    [
      'Two nodes are called `look`',
      graph({ nodes: [1, 2].map(() => ({ id: 'look', program: look, input: { question: 'question' } })) }),
    ],
    ['no name of a node', graph({ nodes: [{ id: 'a b', program: look, input: { question: 'question' } }] })],
    ['is not a type', { module: 'predict', signature: 'a -> b: flaot' }],
    ['two fields `a`', { module: 'predict', signature: { inputs: [{ name: 'a' }], outputs: [{ name: 'a' }] } }],
  ])('is refused where it cannot run: %s', (problem, data) => {
    expect(() => programOfData(data)).toThrow(problem);
  });
});
