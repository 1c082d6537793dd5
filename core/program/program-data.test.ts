import { fakeProgramWorld, inSections } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { chatAdapter } from './adapters/chat.ts';
import { candidateOf, withCandidate } from './candidate.ts';
import { type ProgramData, programOfData, signatureOfData } from './program-data.ts';
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

  it.each<[string, ProgramData]>([
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
